"""An XML document as a tree, read by expat alone; and what IEEE 1849-2016 says of a log's."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from xml.parsers import expat

VALUES = ("string", "date", "int", "float", "boolean", "id", "list", "container")
LEXICAL = {
    "string": re.compile(r"(?s).*"),
    "int": re.compile(r"[+-]?[0-9]+"),
    "float": re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"),
    "boolean": re.compile(r"true|false|1|0"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})"),
}
IN_ORDER = ("extension", "global", "classifier", *VALUES, "trace", "event")


@dataclass
class Node:
    tag: str
    said: dict
    children: list = field(default_factory=list)

    def all(self, *tags):
        return [child for child in self.children if child.tag in tags]

    @property
    def attributes(self):
        """Key → value, each as its type."""
        return {child.said["key"]: _value(child) for child in self.all(*LEXICAL)}


def _value(node):
    text = node.said["value"]
    match node.tag:
        case "int":
            return int(text)
        case "boolean":
            return text == "true"
        case "date":
            return datetime.fromisoformat(text)
        case _:
            return text


def tree(document):
    """Raises expat.ExpatError where it is not well-formed."""
    root = Node("", {})
    path = [root]
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name, attributes):
        node = Node(name.rpartition(" ")[2], attributes)
        path[-1].children.append(node)
        path.append(node)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.Parse(document, True)
    return root.children[0]


def breaches(log):
    """Where it is not what the schema of XES allows: the order of the parts, keys given once, values of their types,
    prefixes declared, and what is global present everywhere."""
    assert log.tag == "log"
    ranks = [_rank(child.tag) for child in log.children]
    if ranks != sorted(ranks):
        yield "the parts of the log are not in order"
    prefixes = {extension.said["prefix"] for extension in log.all("extension")}
    scopes = {each.said["scope"]: set(each.attributes) for each in log.all("global")}
    for trace in log.all("trace"):
        yield from _breaches_of(trace, prefixes, scopes["trace"])
        for event in trace.all("event"):
            yield from _breaches_of(event, prefixes, scopes["event"])
    yield from _breaches_of(log, prefixes, set())


def _rank(tag):
    return IN_ORDER.index("string" if tag in VALUES else tag)


def _breaches_of(node, prefixes, expected):
    told = node.all(*VALUES)
    keys = [child.said["key"] for child in told]
    if len(set(keys)) < len(keys):
        yield f"keys given twice in {node.tag}: {sorted(keys)}"
    if not expected <= set(keys):
        yield f"{expected - set(keys)} is global, and not in a {node.tag}"
    for child in told:
        prefix, colon, _ = child.said["key"].partition(":")
        if colon and prefix not in prefixes:
            yield f"{prefix} is not declared"
        if child.tag in LEXICAL and not LEXICAL[child.tag].fullmatch(child.said["value"]):
            yield f"{child.said['value']!r} is no {child.tag}"
        if child.tag == "list":
            (values,) = child.all("values")
            yield from (breach for each in values.children for breach in _breaches_of(each, prefixes, set()))
        else:
            yield from _breaches_of(child, prefixes, set())
