"""The data models of Splunk's Common Information Model: their nodes, fields, and the events that belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rulescope.knowledge.log_directory import Log, logs
from rulescope.knowledge.tables import load_rows, split_cell


@dataclass(frozen=True, slots=True)
class Membership:
    """Events that belong to a node.

    `event_ids` empty: every event of the log; `condition` is SPL that must hold besides.
    """

    log: Log
    event_ids: tuple[str, ...]
    condition: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Node:
    """A node (data set) of a data model. `constraint` is Splunk's, over tags and fields; `fields` are its own,
    without its parent's.

    `members` are the events that add-ons put there: its own ones, without those that come by way of child nodes.
    """

    name: str
    parent: str | None
    constraint: str
    fields: tuple[str, ...]
    members: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class DataModelDefinition:
    """A data model; its nodes by name, roots before their children."""

    name: str
    nodes: dict[str, Node]

    def node(self, name: str | None = None) -> Node | None:
        """The node of that name (in any case; of a path `All_Changes.Account_Management` the last), or the
        first root; or None."""
        if name is None:
            return next(iter(self.nodes.values()), None)
        last = name.rpartition(".")[2].casefold()
        return next((node for node in self.nodes.values() if node.name.casefold() == last), None)

    def lineage(self, node: Node) -> tuple[Node, ...]:
        """The node and those above it, the root first."""
        found = [node]
        while (parent := found[0].parent) is not None and parent in self.nodes and self.nodes[parent] not in found:
            found.insert(0, self.nodes[parent])
        return tuple(found)

    def fields(self, node: Node) -> tuple[str, ...]:
        """The fields of a node, inherited ones first, without the node's prefix."""
        return tuple(dict.fromkeys(field for above in self.lineage(node) for field in above.fields))

    def members(self, node: Node) -> tuple[Membership, ...]:
        """The events of a node: its own, those of the nodes below it, and, narrowed by its constraint, those of
        the nodes above.

        What add-ons say of a child holds for the parent. Of a child that none of them names, the events are the
        parent's for
        which the child's constraint holds.
        """
        below = [other for other in self.nodes.values() if node in self.lineage(other)]
        found = [member for other in below for member in other.members]
        if not found:
            for above in reversed(self.lineage(node)[:-1]):
                if above.members:
                    return above.members
        return tuple(found)


class DataModels:
    """Data models by name, and the nodes that prefix field names."""

    __slots__ = ("_models", "_models_by_node")

    def __init__(self, models: dict[str, DataModelDefinition]) -> None:
        self._models = {name.casefold(): model for name, model in models.items()}
        self._models_by_node: dict[str, tuple[DataModelDefinition, ...]] = {}
        for model in models.values():
            for node in model.nodes:
                self._models_by_node[node] = (*self._models_by_node.get(node, ()), model)

    @property
    def models(self) -> tuple[DataModelDefinition, ...]:
        """All data models, by name."""
        return tuple(self._models.values())

    def find(self, name: str) -> tuple[DataModelDefinition, Node] | None:
        """The model and node that `Endpoint.Processes` (or `Endpoint` alone: its first root) names, in any
        case; None if unknown."""
        model_name, _, node_name = name.strip().strip('"').partition(".")
        model = self._models.get(model_name.casefold())
        node = model.node(node_name or None) if model else None
        return (model, node) if model and node else None

    def split_field(self, name: str) -> tuple[str | None, str]:
        """The data model that a field's prefix tells, and the field without it: `Processes.user` gives
        ("Endpoint", "user").

        A prefix that is no node is part of the name: `process.name` gives (None, "process.name").
        """
        model: str | None = None
        while "." in name:
            prefix, _, rest = name.partition(".")
            of_node = self._models_by_node.get(prefix)
            if of_node is None or not rest:
                break
            model = model or of_node[0].name
            name = rest
        return model, name


@cache
def data_models() -> DataModels:
    """The data models as shipped (CIM 6)."""
    members: dict[tuple[str, str], list[Membership]] = {}
    directory = logs()
    for model, node, log, event_ids, condition, source in load_rows("data_model_members.csv"):
        member = Membership(directory.by_key(log), split_cell(event_ids), condition or None, source)
        members.setdefault((model, node), []).append(member)
    nodes: dict[str, dict[str, Node]] = {}
    for model, name, parent, constraint, fields in load_rows("data_models.csv"):
        own = tuple(members.get((model, name), ()))
        nodes.setdefault(model, {})[name] = Node(name, parent or None, constraint, split_cell(fields), own)
    return DataModels({name: DataModelDefinition(name, of_model) for name, of_model in nodes.items()})
