"""What a worker makes ready after its start."""

from stellwerk.core.jobs import worker as worker_module
from stellwerk.core.jobs.worker import Worker


def test_a_worker_makes_ready_what_was_registered_and_lives_on_where_that_fails(monkeypatch):
    done = []

    def fails():
        raise RuntimeError("no compiler")

    monkeypatch.setattr(worker_module, "WARM_UPS", [fails, lambda: done.append("ready")])
    monkeypatch.setattr(worker_module, "WARM_AFTER", 0)
    Worker()._warm()
    assert done == ["ready"]
    stopped = Worker()
    stopped.stop()
    stopped._warm()
    assert done == ["ready"], "a worker that ends makes nothing ready"
