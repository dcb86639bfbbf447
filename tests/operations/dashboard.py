"""Reads a dashboard as Grafana's own library does, and says what that has not understood."""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

# What the library leaves out, though Grafana reads it: what an import asks for, that the dashboard
# has no number yet, and the text of a variable's query in Grafana's editor.
LEFT_OUT = {".__requires", ".id", ".templating.list[1].definition"}


def differences(ours, theirs, place=""):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            if key in theirs:
                yield from differences(value, theirs[key], f"{place}.{key}")
            elif f"{place}.{key}" not in LEFT_OUT:
                yield f"{place}.{key} is not known: {value!r}"
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (value, other) in enumerate(zip(ours, theirs)):
            yield from differences(value, other, f"{place}[{index}]")
    elif ours != theirs:
        yield f"{place} is {ours!r}, and was taken for {theirs!r}"


def read(dashboard):
    return json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        dashboard = json.load(file)
    # A difference is seen where there is one.
    panel = {**dashboard["panels"][0], "madeUp": 1}
    changed = {**dashboard, "panels": [panel, *dashboard["panels"][1:]]}
    if len(list(differences(changed, read(changed)))) != 1:
        sys.exit("a member that Grafana does not know was not seen")
    found = list(differences(dashboard, read(dashboard)))
    print("\n".join(found))
    sys.exit(bool(found))


main()
