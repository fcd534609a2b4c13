"""What can be asked of a window, and the rules."""

from typing import Literal, assert_never

from domain.grammar import Code, Day, Decision, Occasion, Prose, Ruling
from domain.register import EndsBeforeItBegins, NotYetRegistered, RegisterCommand, Units, kept, units_exist
from domain.window.events import WindowChanged, WindowClosed, WindowOpened
from domain.window.rejections import WindowAlreadyClosed
from domain.window.values import Window


class OpenWindow(RegisterCommand):
    """Enters the window, or brings its entry up to date."""

    type: Literal["open_window"] = "open_window"
    window: Window

    @property
    def identity(self) -> str:
        return self.window.window_id


def open_window(standing: Window | None, command: OpenWindow, registers: Units) -> Ruling:
    window = command.window
    if window == standing:
        return
    if standing is not None and standing.closed_on is not None and window.closed_on is None:
        yield WindowAlreadyClosed(closed_on=standing.closed_on.isoformat())
    yield from units_exist([window.unit_code], registers)
    yield WindowOpened(window=window) if standing is None else WindowChanged(window=window)


class CloseWindow(RegisterCommand):
    type: Literal["close_window"] = "close_window"
    window_id: Code
    closed_on: Day
    """The first day on which it is shut."""
    reason: Prose

    @property
    def identity(self) -> str:
        return self.window_id


def close_window(standing: Window | None, command: CloseWindow) -> Ruling:
    if standing is None:
        yield NotYetRegistered(register="window", code=command.window_id)
        return
    if command.closed_on == standing.closed_on:
        return
    if command.closed_on <= standing.opened_on:
        yield EndsBeforeItBegins(begins=standing.opened_on.isoformat())
    yield WindowClosed(window_id=command.window_id, closed_on=command.closed_on, reason=command.reason)


WindowCommand = OpenWindow | CloseWindow


def decide(standing: Window | None, command: WindowCommand, occasion: Occasion, registers: Units) -> Decision:
    return kept(_rule(standing, command, registers), occasion)


def _rule(standing: Window | None, command: WindowCommand, registers: Units) -> Ruling:
    match command:
        case OpenWindow():
            return open_window(standing, command, registers)
        case CloseWindow():
            return close_window(standing, command)
        case _:
            assert_never(command)
