"""The state of a window's stream is the window, that of a post's stream the post with its holders, or nothing."""

from domain.grammar import Envelope, Fact
from domain.register import ended
from domain.window.events import (
    PostAssigned,
    PostChanged,
    PostEstablished,
    PostRelieved,
    WindowChanged,
    WindowClosed,
    WindowOpened,
)
from domain.window.values import Assignment, Post, Window


def evolve_window(window: Window | None, fact: Fact, _: Envelope) -> Window | None:
    match fact:
        case WindowOpened(window=entry) | WindowChanged(window=entry):
            return entry
        case WindowClosed(closed_on=closed_on) if window is not None:
            return window.model_copy(update={"closed_on": closed_on})
        case _:
            return window


def evolve_post(post: Post | None, fact: Fact, _: Envelope) -> Post | None:
    match fact:
        case PostEstablished(post=entry):
            return entry
        case PostChanged(post=entry) if post is not None:
            return entry.model_copy(update={"assignments": post.assignments})
        case PostAssigned(assignment=assignment) if post is not None:
            return post.model_copy(update={"assignments": (*post.assignments, assignment)})
        case PostRelieved() if post is not None:
            holders = tuple(_relieved(holder, fact) for holder in post.assignments)
            return post.model_copy(update={"assignments": holders})
        case _:
            return post


def _relieved(holder: Assignment, fact: PostRelieved) -> Assignment:
    is_meant = (holder.staff_id, holder.duty) == (fact.staff_id, fact.duty) and holder.holds(fact.last_day)
    return ended(holder, fact.last_day) if is_meant else holder
