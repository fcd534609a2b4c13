"""What the log says of itself. Each is a leaf like any other, signed and sealed."""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.attestation.values import Hash, Origin, SignatureLine, Size, VerifierKey
from domain.grammar import Code, Fact, Instant, Prose


class ProcessKeyAdded(Fact):
    """From the next position on, events may carry this key's signature; the log's first key counts at once."""

    TOPIC: ClassVar[str] = "key.process_added.v1"
    LABEL: ClassVar[str] = "登记进程启用签名钥"

    key: VerifierKey


class ProcessKeyRetired(Fact):
    """Up to this event's own position, and not beyond it."""

    TOPIC: ClassVar[str] = "key.process_retired.v1"
    LABEL: ClassVar[str] = "登记进程停用签名钥"

    key: VerifierKey
    reason: Prose


class LogKeyAdded(Fact):
    """From now on, checkpoints are signed with this key. Its name is the log's origin."""

    TOPIC: ClassVar[str] = "key.log_added.v1"
    LABEL: ClassVar[str] = "日志启用签名钥"

    key: VerifierKey


class LogKeyRetired(Fact):
    TOPIC: ClassVar[str] = "key.log_retired.v1"
    LABEL: ClassVar[str] = "日志停用签名钥"

    key: VerifierKey
    reason: Prose


class UnsignedEventsAdopted(Fact):
    """Events without a signature that counts are taken into the tree as they were found on that day.

    What they say is vouched for from then on, and not for the time before.
    """

    TOPIC: ClassVar[str] = "log.unsigned_adopted.v1"
    LABEL: ClassVar[str] = "无签名记录认领"

    first: Size
    last: Size
    root: Hash
    """Of the tree over the leaves of these positions alone; the signature of an unsigned leaf is 64 zero bytes."""
    reason: Prose


class RecoveryStated(Fact):
    """A restore left nothing of some events but their leaves. The tree was not rolled back: it goes on behind them.

    The statement stands right behind the last of them; which they are, each says at its own position.
    """

    TOPIC: ClassVar[str] = "log.recovery_stated.v1"
    LABEL: ClassVar[str] = "恢复声明"

    first: Size
    last: Size
    root: Hash
    """Of the whole tree up to `last`, as it was signed before the loss."""
    officers: Annotated[tuple[Code, ...], Field(min_length=2, max_length=2)]
    """Who states it, each having shown who they are."""
    reason: Prose


class UnsealedLossStated(Fact):
    """What was acknowledged last is gone from the log, and none of it had been sealed: nobody knows what it said.

    The tree never held these positions, so they are given out anew.
    """

    TOPIC: ClassVar[str] = "log.unsealed_loss_stated.v1"
    LABEL: ClassVar[str] = "未封印记录丢失声明"

    first: Size
    """The first that may be lost: behind the log's end, and behind what was sealed."""
    last: Size
    acknowledged_at: Instant
    """When the event at `last` was recorded that is gone."""
    officers: Annotated[tuple[Code, ...], Field(min_length=2, max_length=2)]
    reason: Prose


class CaseHeadsRooted(Fact):
    """The map from every stream to its last leaf, as of a size of the tree."""

    TOPIC: ClassVar[str] = "log.case_heads_rooted.v1"
    LABEL: ClassVar[str] = "案头索引根"

    size: Size
    root: Hash


class CheckpointCosigned(Fact):
    """Witnesses have seen a checkpoint: whatever stands below its size was recorded before they did."""

    TOPIC: ClassVar[str] = "checkpoint.cosigned.v1"
    LABEL: ClassVar[str] = "检查点见证"

    origin: Origin
    size: Size
    root: Hash
    lines: Annotated[tuple[SignatureLine, ...], Field(min_length=1, max_length=64)]
    """The log's own and the witnesses', as they stand below the note's text."""
