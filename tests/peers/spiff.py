"""The same case in SpiffWorkflow: its state is serialised to SQLite after each step, each step its own transaction.

    spiff.py DATABASE CASES CLIENTS [--read]

With --read each step also reads the state back first. Prints how many seconds all cases took.
"""

import json
import sqlite3
import sys
import tempfile
import threading
import time

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

STEPS = ["intake", "assignment", "processing", "approval", "return"]
VALUES = {"name": "Nguyễn Văn An", "deep": True, "wide": False}


def bpmn():
    nodes = ["start", *STEPS, "end"]
    tasks = "".join(f'<bpmn:manualTask id="{step}" name="{step}"/>' for step in STEPS)
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{at}" sourceRef="{source}" targetRef="{target}"/>'
        for at, (source, target) in enumerate(zip(nodes, nodes[1:]))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">'
        f'<bpmn:process id="case" isExecutable="true"><bpmn:startEvent id="start"/>{tasks}<bpmn:endEvent id="end"/>'
        f"{flows}</bpmn:process></bpmn:definitions>"
    )


def connect(database):
    connection = sqlite3.connect(database, timeout=60, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def run(database, spec, first, count, reads):
    connection = connect(database)
    serializer = BpmnWorkflowSerializer()

    def save(number, workflow, insert):
        state = serializer.serialize_json(workflow)
        connection.execute("BEGIN IMMEDIATE")
        if insert:
            connection.execute("INSERT INTO cases VALUES (?, ?)", (number, state))
        else:
            connection.execute("UPDATE cases SET state = ? WHERE id = ?", (state, number))
        connection.execute("COMMIT")

    for number in range(first, first + count):
        workflow = BpmnWorkflow(spec)
        workflow.data.update(VALUES)
        workflow.do_engine_steps()
        save(number, workflow, True)
        for step in STEPS:
            if reads:
                # Each command finds the case as it was kept, as a server does that keeps none in memory.
                (state,) = connection.execute("SELECT state FROM cases WHERE id = ?", (number,)).fetchone()
                workflow = serializer.deserialize_json(state)
            (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
            assert task.task_spec.name == step
            task.data["note"] = "Hồ sơ hợp lệ."
            task.run()
            workflow.do_engine_steps()
            save(number, workflow, False)
        assert workflow.is_completed()
    connection.close()


def main():
    database, cases, clients = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    reads = "--read" in sys.argv
    with tempfile.NamedTemporaryFile("w", suffix=".bpmn", encoding="utf-8") as file:
        file.write(bpmn())
        file.flush()
        parser = BpmnParser()
        parser.add_bpmn_file(file.name)
        spec = parser.get_spec("case")
    connection = connect(database)
    connection.execute("CREATE TABLE IF NOT EXISTS cases (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")
    connection.execute("DELETE FROM cases")
    connection.close()
    each = cases // clients
    threads = [threading.Thread(target=run, args=(database, spec, at * each, each, reads)) for at in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"cases": each * clients, "seconds": time.perf_counter() - start}))


main()
