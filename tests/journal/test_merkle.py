"""The tree is that of RFC 6962: against its own definition, against the vectors of RFC 6962's authors, and against pymerkle."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from pymerkle.hasher import MerkleHasher

from workbench.journal.merkle import (
    EMPTY_ROOT,
    Frontier,
    MerkleTree,
    consistency_holds,
    inclusion_holds,
    leaf_hash,
)

# The eight leaves and the roots that Google's certificate-transparency tests use (merkletree/testing, Apache-2.0 data).
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def defined(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + defined(leaves[:k]) + defined(leaves[k:])).digest()


def tree_of(entries: list[bytes]) -> MerkleTree:
    return MerkleTree(leaf_hash(entry) for entry in entries)


def test_published_roots():
    tree = tree_of(LEAVES)
    assert [tree.root(size).hex() for size in range(9)] == ROOTS


entries = st.lists(st.binary(max_size=5), max_size=70)


@given(entries)
def test_tree_and_frontier_agree_with_the_definition(found):
    tree, frontier = tree_of(found), Frontier()
    for size, entry in enumerate(found):
        assert frontier.root() == tree.root(size) == defined([leaf_hash(each) for each in found[:size]])
        frontier = frontier.appended(leaf_hash(entry))
        assert Frontier.from_bytes(frontier.size, frontier.to_bytes()) == frontier
        assert len(frontier.peaks) == (size + 1).bit_count()


@given(st.lists(st.binary(max_size=5), min_size=1, max_size=40), st.data())
def test_roots_and_proofs_agree_with_pymerkle(found, data):
    oracle = InmemoryTree(algorithm="sha256")
    hasher = MerkleHasher("sha256", security=True)
    for entry in found:
        assert hasher.hash_buff(entry) == leaf_hash(entry)
        oracle.append_entry(entry)
    tree = tree_of(found)
    assert oracle.get_root() == tree.root()
    first = data.draw(st.integers(1, len(found)))
    second = data.draw(st.integers(first, len(found)))
    index = data.draw(st.integers(0, first - 1))
    assert oracle.get_root(first) == tree.root(first)
    # pymerkle puts the leaf itself first into the path it makes.
    theirs = oracle.prove_inclusion(index + 1, first).path
    assert list(theirs[1:]) == tree.inclusion_proof(index, first)
    proof = tree.consistency_proof(first, second)
    assert consistency_holds(first, oracle.get_root(first), second, oracle.get_root(second), proof)


@given(st.integers(1, 60), st.data())
def test_proofs_hold_for_what_they_prove_and_for_nothing_else(size, data):
    tree = MerkleTree(leaf_hash(b"%d" % number) for number in range(size))
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(index)
    assert inclusion_holds(tree.leaf(index), index, size, proof, tree.root())
    for other in range(size + 2):
        assert inclusion_holds(tree.leaf(index), other, size, proof, tree.root()) == (other == index)
    assert not inclusion_holds(leaf_hash(b"x"), index, size, proof, tree.root())
    assert not inclusion_holds(tree.leaf(index), index, size, [*proof, bytes(32)], tree.root())

    first = data.draw(st.integers(0, size))
    path = tree.consistency_proof(first)
    assert consistency_holds(first, tree.root(first), size, tree.root(), path)
    assert not consistency_holds(first, tree.root(first), size, tree.root(), [*path, bytes(32)])
    if first > 0:
        assert not consistency_holds(first, leaf_hash(b"x"), size, tree.root(), path)
        assert first == size or not consistency_holds(first, tree.root(first), size, leaf_hash(b"x"), path)
    for place in range(len(path)):
        altered = [*path[:place], leaf_hash(b"x"), *path[place + 1 :]]
        assert not consistency_holds(first, tree.root(first), size, tree.root(), altered)


def test_what_makes_no_sense_is_refused():
    tree = tree_of(LEAVES)
    assert tree.root(0) == EMPTY_ROOT
    for wrong in (
        lambda: tree.root(9),
        lambda: tree.inclusion_proof(8),
        lambda: tree.consistency_proof(5, 4),
    ):
        with pytest.raises(ValueError, match=r"leaf|leaves|beginning"):
            wrong()
    with pytest.raises(ValueError, match="frontier"):
        Frontier.from_bytes(3, bytes(32))
