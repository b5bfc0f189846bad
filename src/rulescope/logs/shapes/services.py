"""Events of known services: which keys tell them apart, where their time and host stand, what Splunk calls them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """A shape of JSON: all of `keys` are there; `time` and `host` name flattened fields, the first found counts."""

    sourcetype: str
    source: str | None
    keys: tuple[str, ...]
    time: tuple[str, ...]
    host: tuple[str, ...] = ()


SERVICES = (
    Service("aws:cloudtrail", "aws_cloudtrail", ("eventSource", "eventName", "awsRegion"), ("eventTime", "@timestamp")),
    Service("OktaIM2:log", "Okta", ("eventType", "published", "actor", "outcome"), ("published",)),
    Service("o365:management:activity", "o365", ("CreationTime", "Operation", "Workload"), ("CreationTime",)),
    Service("azure:monitor:aad", "Azure AD", ("operationName", "category", "tenantId", "time"), ("time",)),
    Service("gws:reports:admin", "gws:reports:admin", ("kind", "id", "actor", "events"), ("id.time",)),
    Service("suricata", "suricata", ("event_type", "timestamp", "flow_id"), ("timestamp",)),
    Service("osquery:results", "osquery", ("hostIdentifier", "calendarTime"), ("unixTime",), ("hostIdentifier",)),
    Service("kube:audit", "kubernetes", ("auditID", "stage", "verb"), ("stageTimestamp", "requestReceivedTimestamp")),
    Service("bro:json", None, ("@stream", "ts"), ("ts",), ("@system",)),
)
"""Source types as Splunk's add-ons name them (Splunk's add-on documentation; security_content's `data_sources`)."""

TIME_FIELDS = (
    "_time",
    "@timestamp",
    "timestamp",
    "eventTime",
    "EventTime",
    "time",
    "TimeGenerated",
    "TimeCreated",
    "CreationTime",
    "published",
    "createdDateTime",
    "UtcTime",
    "ts",
    "datetime",
    "date",
)
"""Where the time of an object of no known shape is looked for, in this order."""

HOST_FIELDS = ("host", "Hostname", "hostname", "Computer", "host.name", "HostName", "ComputerName")
"""Where the host of an object of no known shape is looked for, in this order."""
