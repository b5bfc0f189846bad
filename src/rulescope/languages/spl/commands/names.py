"""Every command by name, and the other names that some go by.

Sources: Search Reference, "Command quick reference" and "Internal commands"; the documentation of Splunk's own apps
and add-ons for learning, security, databases, ServiceNow and AWS.
"""

from __future__ import annotations

COMMANDS: frozenset[str] = frozenset(
    {
        "abstract", "accum", "addcoltotals", "addinfo", "addtotals", "analyzefields", "anomalies", "anomalousvalue",
        "anomalydetection", "append", "appendcols", "appendpipe", "apply", "arules", "associate", "audit",
        "autoregress", "awssnsalert", "bin", "bucketdir", "chart", "cluster", "cofilter", "collapse", "collect",
        "concurrency", "contingency", "convert", "correlate", "crawl", "createrss", "datamodel", "datamodelsimple",
        "dbinspect", "dbxlookup", "dbxoutput", "dbxquery", "dedup", "delete", "deletemodel", "delta", "diff", "dump",
        "entitymerge", "erex", "eval", "eventcount", "eventstats", "extract", "fieldformat", "fields", "fieldsummary",
        "filldown", "fillnull", "findkeywords", "findtypes", "fit", "folderize", "foreach", "format", "from",
        "fromjson", "gauge", "gentimes", "geom", "geomfilter", "geostats", "head", "highlight", "history", "iconify",
        "ingestpreview", "input", "inputcsv", "inputintelligence", "inputlookup", "iplocation", "join", "kmeans",
        "kvform", "listmodels", "loadjob", "localize", "localop", "lookup", "makecontinuous", "makejson", "makemv",
        "makeresults", "map", "mcatalog", "mcollect", "metadata", "metasearch", "meventcollect", "mpreview", "mstats",
        "multikv", "multisearch", "mvcombine", "mvexpand", "nokv", "nomv", "noop", "outlier", "outputcsv",
        "outputlookup", "outputtelemetry", "outputtext", "overlap", "pivot", "predict", "prjob", "rangemap", "rare",
        "redistribute", "regex", "relevancy", "reltime", "rename", "replace", "require", "rest", "return", "reverse",
        "rex", "rtorder", "runshellscript", "sample", "savedsearch", "score", "script", "scrub", "search",
        "searchtxn", "selfjoin", "sendalert", "sendemail", "set", "setfields", "sichart", "sirare", "sistats",
        "sitimechart", "sitop", "snowevent", "snoweventstream", "snowincident", "snowincidentstream", "sort", "spath",
        "stats", "strcat", "streamstats", "summary", "table", "tags", "tail", "timechart", "timewrap", "tojson",
        "top", "transaction", "transpose", "trendline", "tscollect", "tstats", "typeahead", "typelearner", "typer",
        "union", "uniq", "untable", "walklex", "where", "x11", "xmlkv", "xmlunescape", "xpath", "xscreateddcontext",
        "xsdisplayconcept", "xsdisplaycontext", "xsfindbestconcept", "xslistconcepts", "xslistcontexts",
        "xsupdateddcontext", "xswhere", "xyseries",
    }
)  # fmt: skip

GENERATING: frozenset[str] = frozenset(
    {
        "audit", "crawl", "datamodel", "datamodelsimple", "dbinspect", "dbxquery", "dump", "eventcount", "from",
        "gentimes", "history", "ingestpreview", "input", "inputcsv", "inputintelligence", "inputlookup", "listmodels",
        "loadjob", "makeresults", "mcatalog", "metadata", "metasearch", "mpreview", "mstats", "multisearch", "pivot",
        "rest", "savedsearch", "script", "search", "searchtxn", "set", "summary", "tstats", "typeahead", "union",
        "walklex",
    }
)  # fmt: skip
"""Commands that a search may begin with after a pipe, because they make rows of their own: Search Reference, "Command
types", generating commands; and those of Splunk's own apps."""

ALIASES: dict[str, str] = {
    "af": "analyzefields",
    "bucket": "bin",
    "counttable": "contingency",
    "ctable": "contingency",
    "kv": "extract",
    "macro": "savedsearch",
    "msearch": "mpreview",
    "outlierfilter": "outlier",
    "run": "script",
    "savedsplunk": "savedsearch",
    "stash": "collect",
    "sumindex": "collect",
    "summaryindex": "collect",
}

MEANT: dict[str, str] = {
    "count": "stats count",
    "distinct": "dedup",
    "extend": "eval",
    "filter": "where",
    "group": "stats",
    "groupby": "stats",
    "limit": "head",
    "order": "sort",
    "orderby": "sort",
    "project": "table",
    "select": "table",
    "summarize": "stats",
    "take": "head",
    "unique": "dedup",
}
"""Commands of other query languages, and what to write in SPL for the same."""
