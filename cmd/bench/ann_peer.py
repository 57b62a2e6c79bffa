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


CHUNK = 25_000


def build(c, items):
    """Builds in chunks, each of which is kept: a run that is cut short goes on."""
    before = memory()
    index = hnswlib.Index("ip", c["dimension"])
    out = kept(c)
    earlier = out["done"]
    if earlier:
        index.load_index(c["cache"], max_elements=len(items))
    else:
        index.init_index(len(items), M=16, ef_construction=200, random_seed=100)
    for start in range(earlier, len(items), CHUNK):
        chunk = items[start:start + CHUNK]
        wall, cpu = time.perf_counter(), time.process_time()
        index.add_items(chunk, range(start, start + len(chunk)), num_threads=c["threads"])
        out["seconds"] += time.perf_counter() - wall
        out["cpu"] += time.process_time() - cpu
        out["done"] = start + len(chunk)
        out["bytes"] = memory() - before
        keep(c, index, out)
    return index, {**out, "kept": earlier > 0}


def kept(c):
    """How far an earlier run has come, if it built on as many threads."""
    try:
        with open(c["cache"] + ".json") as f:
            out = json.load(f)
        if out["threads"] == c["threads"]:
            return out
    except (KeyError, FileNotFoundError):
        pass
    return {"seconds": 0, "cpu": 0, "bytes": 0, "done": 0, "threads": c["threads"]}


def keep(c, index, out):
    if not c.get("cache"):
        return
    index.save_index(c["cache"] + ".new")
    os.replace(c["cache"] + ".new", c["cache"])
    with open(c["cache"] + ".json.new", "w") as f:
        json.dump(out, f)
    os.replace(c["cache"] + ".json.new", c["cache"] + ".json")


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
            index, out = build(c, items)
        elif c["do"] == "search":
            index.set_ef(c["breadth"])
            wall, cpu = time.perf_counter(), time.thread_time()
            labels, _ = index.knn_query(queries[: c["queries"]], k=c["k"], num_threads=1)
            out = {"seconds": time.perf_counter() - wall, "cpu": time.thread_time() - cpu}
            if c["labels"]:
                out["labels"] = labels.tolist()
        print(json.dumps(out), flush=True)


main()
