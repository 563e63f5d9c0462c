"""Tests of models.joint_batch: every row of a batch has one process."""

from hepfold.models import joint_batch


def test_rows_are_shared_out_once():
    assert joint_batch.local_rows(7) == slice(0, 7)
    with joint_batch.shared(7) as rows:
        assert rows == slice(0, 7) and joint_batch.n_joint(3) == 3
