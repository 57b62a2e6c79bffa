"""Runs hnswlib for `bench ann`: one JSON command a line in, one JSON answer out.

Queries go to hnswlib in one call on one thread, so Python costs nothing per query.
"""
import json
import os
import resource
import sys
import time

import hnswlib
import numpy


def memory():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize()


def build(c, items):
    before = memory()
    index = hnswlib.Index("ip", c["dimension"])
    index.init_index(len(items), M=16, ef_construction=200, random_seed=100)
    wall, cpu = time.perf_counter(), time.process_time()
    index.add_items(items, num_threads=c["threads"])
    out = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "bytes": memory() - before,
           "threads": c["threads"]}
    if c.get("cache"):
        index.save_index(c["cache"])
        with open(c["cache"] + ".json", "w") as f:
            json.dump(out, f)
    return index, out


def load(c, items):
    """What an earlier run kept, if it built on as many threads."""
    if not c.get("cache") or not os.path.exists(c["cache"] + ".json"):
        return None
    with open(c["cache"] + ".json") as f:
        out = json.load(f)
    if out["threads"] != c["threads"]:
        return None
    index = hnswlib.Index("ip", c["dimension"])
    index.load_index(c["cache"], max_elements=len(items))
    return index, {**out, "kept": True}


def main():
    index = items = queries = None
    allowed = None
    for line in sys.stdin:
        c = json.loads(line)
        out = {}
        if c["do"] == "version":
            try:
                from importlib.metadata import version
                out = {"version": version("hnswlib"), "file": hnswlib.__file__}
            except Exception:
                out = {"version": "unknown", "file": hnswlib.__file__}
        elif c["do"] == "build":
            items = numpy.fromfile(c["items"], "<f4").reshape(-1, c["dimension"])
            queries = numpy.fromfile(c["queries"], "<f4").reshape(-1, c["dimension"])
            index, out = load(c, items) or build(c, items)
        elif c["do"] == "search":
            index.set_ef(c["breadth"])
            wall, cpu = time.perf_counter(), time.thread_time()
            labels, _ = index.knn_query(queries[: c["queries"]], k=c["k"], num_threads=1)
            out = {"seconds": time.perf_counter() - wall, "cpu": time.thread_time() - cpu}
            if c["labels"]:
                out["labels"] = labels.tolist()
        print(json.dumps(out), flush=True)


main()
