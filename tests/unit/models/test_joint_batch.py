"""Tests of models.joint_batch: each row of a batch belongs to one process."""

from hepfold.models import joint_batch


def test_a_single_process_has_all_rows():
    assert joint_batch.local_rows(7) == slice(0, 7)
    with joint_batch.shared(7) as rows:
        assert rows == slice(0, 7) and joint_batch.n_joint(3) == 3
