"""Run by an interpreter that has PM4Py, in a process of its own: what it reads of exported files, as JSON.

PM4Py is under the AGPL: Jiandu neither needs nor ships it (docs/decisions/0086-event-logs-for-process-mining.md).
"""

import json
import sqlite3
import sys
from pathlib import Path

import pm4py
from pm4py.objects.ocel.validation import ocel20_rel_validation


def read(folder):
    log = pm4py.read_xes(str(folder / "cases.xes"), show_progress_bar=False)
    logs = {
        "json": pm4py.read_ocel2_json(str(folder / "cases.json")),
        "sqlite": pm4py.read_ocel2_sqlite(str(folder / "cases.sqlite")),
    }
    kept, broken = ocel20_rel_validation.apply(str(folder / "cases.sqlite"))
    case_type = sqlite3.connect(folder / "cases.sqlite").execute(
        "select ocel_type from object_map_type where ocel_type_map = 'Case'"
    )
    (case_type,) = case_type.fetchone()
    return {
        "traces": log["case:concept:name"].nunique(),
        "events": len(log),
        "activities": log["concept:name"].nunique(),
        "starts": dict(pm4py.get_start_activities(log)),
        "ocel": {
            form: {
                "events": len(ocel.events),
                "objects": len(ocel.objects),
                "relations": len(ocel.relations),
                "o2o": len(ocel.o2o),
                "changes": len(ocel.object_changes),
                "flattened": pm4py.ocel_flattening(ocel, case_type)["case:concept:name"].nunique(),
            }
            for form, ocel in logs.items()
        },
        "kept": len(kept),
        "broken": broken,
    }


if __name__ == "__main__":
    told = read(Path(sys.argv[1]))
    sys.stdout.write("\n" + json.dumps(told, ensure_ascii=False) + "\n")
