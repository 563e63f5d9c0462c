"""Tests of models.joint_batch: parts of a batch draw the numbers of the whole."""

import threading

import torch

from hepfold.models import joint_batch


def uniform(shape, generator):
    return torch.rand(shape, generator=generator)


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(4)


def test_a_single_process_has_all_rows():
    assert joint_batch.local_rows(7) == slice(0, 7)
    with joint_batch.shared(7) as rows:
        assert rows == slice(0, 7) and joint_batch.n_joint(3) == 3


def test_the_whole_batch_draws_by_the_generator_of_torch():
    torch.manual_seed(4)
    drawn = joint_batch.drawn(uniform, [5, 3, 8], events=-1)
    assert torch.equal(drawn, uniform((5, 3, 8), seeded()))


def test_a_group_of_members_draws_for_all_and_takes_its_part():
    whole, generator = uniform((5, 3, 8), seeded()), seeded()
    with joint_batch.grouped(joint_batch.Group(5, slice(1, 4), generator)):
        drawn = joint_batch.drawn(uniform, [3, 3, 8], events=-1)
    assert torch.equal(drawn, whole[1:4])
    # The generator goes on after the numbers of all members.
    after = seeded()
    uniform((5, 3, 8), after)
    assert torch.equal(uniform((4,), generator), uniform((4,), after))


def test_rows_and_members_may_be_any_dimensions(monkeypatch):
    whole = uniform((2, 5, 8, 1), seeded())
    share = joint_batch.Share(8, slice(6, 8))
    monkeypatch.setattr(joint_batch.CURRENT, "share", share)
    with joint_batch.grouped(joint_batch.Group(5, slice(0, 2), seeded())):
        drawn = joint_batch.drawn(uniform, [2, 2, 2, 1], events=-2, members=1)
    assert torch.equal(drawn, whole[:, :2, 6:8])


def test_a_group_is_that_of_one_thread():
    groups = []
    with joint_batch.grouped(joint_batch.Group(5, slice(1, 4), seeded())):
        thread = threading.Thread(
            target=lambda: groups.append(joint_batch.CURRENT.group)
        )
        thread.start()
        thread.join()
    assert groups == [None] and joint_batch.CURRENT.group is None
