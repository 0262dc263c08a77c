"""The call in JOB's own document, which stands in `plans/`, from the manifest to the lockfile."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from launcher.errors import ExitCode
from tests.support.workspaces import Place

REPOSITORY = Path(__file__).parents[3]


def test_applying_it_sends_exactly_that_body_and_the_lockfile_holds_the_id(tmp_path):
    root = tmp_path / "payments"
    shutil.copytree(REPOSITORY / "plans", root / "plans")
    shutil.copy(REPOSITORY / "launcher.yaml", root)
    place = Place(root)

    assert place.apply(environment="documented").exit_code is ExitCode.DONE

    (sent,) = (
        item["params"]
        for item in place.requests("documented")
        if item["operation"] == "execute_job_plan" and item["params"]["job_plan_id"] == 100
    )
    marker = sent["global_var_list"].pop()
    assert sent == {
        "bk_scope_type": "biz",
        "bk_scope_id": "1",
        "job_plan_id": 100,
        "global_var_list": [
            {
                "id": 436,
                "server": {
                    "dynamic_group_list": [{"id": "blo8gojho0skft7pr5q0"}],
                    "host_id_list": [101, 102],
                    "topo_node_list": [{"id": 1000, "node_type": "module"}],
                },
            },
            {"name": "param_name", "value": "param_value"},
        ],
        "start_task": False,
    }
    lockfile = json.loads((root / "locks/documented.lock.json").read_text())
    (instance,) = place.instances("documented")
    launch = lockfile["launches"]["documented-call"]
    assert launch["instance"]["id"] == instance["job_instance_id"]
    lineage, environment, name, nonce = marker["value"].split("/")
    assert marker["name"] == "LAUNCH_KEY"
    assert (lineage, environment, name) == (lockfile["lineage"], "documented", "documented-call")
    assert len(nonce) == 32
