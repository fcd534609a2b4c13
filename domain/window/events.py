"""What can have happened to a window, and to a post."""

from typing import ClassVar

from domain.grammar import Code, Day, Duty, Fact, Prose
from domain.window.values import Assignment, Post, Window


class WindowOpened(Fact):
    TOPIC: ClassVar[str] = "window.opened.v1"
    LABEL: ClassVar[str] = "窗口开设"

    window: Window


class WindowChanged(Fact):
    """The window as it reads from now on."""

    TOPIC: ClassVar[str] = "window.changed.v1"
    LABEL: ClassVar[str] = "窗口变更"

    window: Window


class WindowClosed(Fact):
    TOPIC: ClassVar[str] = "window.closed.v1"
    LABEL: ClassVar[str] = "窗口关闭"

    window_id: Code
    closed_on: Day
    reason: Prose


class PostEstablished(Fact):
    """The post, still without holders."""

    TOPIC: ClassVar[str] = "post.established.v1"
    LABEL: ClassVar[str] = "岗位设立"

    post: Post


class PostChanged(Fact):
    """The post as it reads from now on; its holders stay."""

    TOPIC: ClassVar[str] = "post.changed.v1"
    LABEL: ClassVar[str] = "岗位变更"

    post: Post


class PostAssigned(Fact):
    TOPIC: ClassVar[str] = "post.assigned.v1"
    LABEL: ClassVar[str] = "定岗"

    post_id: Code
    assignment: Assignment


class PostRelieved(Fact):
    TOPIC: ClassVar[str] = "post.relieved.v1"
    LABEL: ClassVar[str] = "离岗交接"

    post_id: Code
    staff_id: Code
    duty: Duty
    last_day: Day
