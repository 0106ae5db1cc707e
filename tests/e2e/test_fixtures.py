"""Every scenario gives what the reference server gave when it was recorded."""
import json

import pytest

import scenario as scenarios


def steps():
    for name in scenarios.names():
        for number, step in enumerate(scenarios.load(name)["steps"]):
            if step.get("record", True):
                yield pytest.param(name, number, id=f"{name}-{number}-{step['do'][:70]}")


@pytest.fixture(scope="module")
def answers(server):
    """Runs a scenario once, whole, when its first step is asked for."""
    ran = {}

    def of(name):
        if name not in ran:
            ran[name] = list(scenarios.run(server.client(), scenarios.load(name)))
        return ran[name]
    return of


@pytest.mark.parametrize("name, number", steps())
def test_step(answers, name, number):
    recorded = json.loads((scenarios.FIXTURES / f"{name}.json").read_text())[number]
    step, status, body = answers(name)[number]
    assert recorded["do"] == step["do"], "the recording is older than the scenario: record again"
    found = scenarios.compare(step, recorded, status, body)
    assert not found, "\n" + "\n".join(found[:20])
