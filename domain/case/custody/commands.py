"""What can be asked about the papers on their way, and the rules: custody moves on the receiver's signature."""

from typing import Literal, assert_never

from domain.admission import Objections
from domain.case.custody.events import (
    CaseForwardedToStation,
    ReturnForm,
    ReturnReceiptSigned,
    SignatureForm,
    StationReceiptSigned,
    TransferForm,
    TransferReturned,
)
from domain.case.custody.rejections import (
    AlreadyInTransit,
    AlreadyThere,
    NobodyToReturnTo,
    NothingInTransit,
    NotTheHolder,
    NotTheReceiver,
    OtherSignature,
    SenderMayNotSign,
)
from domain.case.order import accepted, not_before, open_case, undecided
from domain.case.rejections import UnitUnknown
from domain.case.setting import Setting
from domain.case.state import Case, Transfer
from domain.grammar import Command, Ruling


class ForwardToStation(TransferForm, Command):
    """转办: the holder sends the case on; it stays the holder's until the receiver signs."""

    type: Literal["forward_to_station"] = "forward_to_station"


def forward_to_station(case: Case, command: ForwardToStation, at: Setting) -> Ruling:
    yield from accepted(case, at)
    yield from undecided(case, at)
    yield from held_here(case, at)
    yield from leads_elsewhere(case, command.to_unit, command.to_post)
    yield from unit_known(command.to_unit, at)
    yield CaseForwardedToStation.as_told(command)


class SignStationReceipt(SignatureForm, Command):
    """站所签收: the receiver has the papers and answers for the case from now on."""

    type: Literal["sign_station_receipt"] = "sign_station_receipt"


def sign_station_receipt(case: Case, command: SignStationReceipt, at: Setting) -> Ruling:
    yield from open_case(case, at)
    transfer = case.custody.transfer
    yield from signed_by_receiver(transfer, at)
    if transfer is not None and (transfer.is_return or transfer.is_report):
        yield OtherSignature()
    yield StationReceiptSigned.as_told(command)


class ReturnTransfer(ReturnForm, Command):
    """退回: the receiver sends the case back, before signing for it or after."""

    type: Literal["return_transfer"] = "return_transfer"


def return_transfer(case: Case, command: ReturnTransfer, at: Setting) -> Ruling:
    yield from open_case(case, at)
    yield from undecided(case, at)
    transfer = case.custody.transfer
    if transfer is not None:
        yield from _returned_by_receiver(transfer, at)
        back_to = transfer.from_unit
    else:
        yield from held_here(case, at)
        back_to = case.custody.previous.unit_code if case.custody.previous else None
    if back_to is None:
        yield NobodyToReturnTo()
        return
    yield TransferReturned.as_told(command, to_unit=back_to)


def _returned_by_receiver(transfer: Transfer, at: Setting) -> Objections:
    if transfer.is_return:
        yield AlreadyInTransit()
    if transfer.to_unit != at.actor.unit_code:
        yield NotTheReceiver(unit=transfer.to_unit)
    yield from not_before(transfer.sent_at, at)


class SignReturnReceipt(SignatureForm, Command):
    """退件签收: whoever had sent the case has it back."""

    type: Literal["sign_return_receipt"] = "sign_return_receipt"


def sign_return_receipt(case: Case, command: SignReturnReceipt, at: Setting) -> Ruling:
    yield from open_case(case, at)
    transfer = case.custody.transfer
    yield from signed_by_receiver(transfer, at)
    if transfer is not None and not transfer.is_return:
        yield OtherSignature()
    yield ReturnReceiptSigned.as_told(command)


def held_here(case: Case, at: Setting) -> Objections:
    """The actor's unit holds the case, and it is not on its way."""
    custody = case.custody
    if custody.transfer is not None:
        yield AlreadyInTransit(to_unit=custody.transfer.to_unit)
    elif custody.holder is not None:
        if custody.holder.unit_code != at.actor.unit_code:
            yield NotTheHolder(unit=custody.holder.unit_code)
        yield from not_before(custody.holder.since, at)


def leads_elsewhere(case: Case, to_unit: str, to_post: str | None) -> Objections:
    holder = case.custody.holder
    if holder is not None and holder.unit_code == to_unit and to_post in (None, holder.post_id):
        yield AlreadyThere(unit=to_unit)


def signed_by_receiver(transfer: Transfer | None, at: Setting) -> Objections:
    """The unit it was sent to signs, by another person than who sent it, not before it was sent."""
    if transfer is None:
        yield NothingInTransit()
        return
    if transfer.to_unit != at.actor.unit_code:
        yield NotTheReceiver(unit=transfer.to_unit)
    if at.is_person(transfer.sent_by):
        yield SenderMayNotSign()
    yield from not_before(transfer.sent_at, at)


def unit_known(unit_code: str, at: Setting) -> Objections:
    """UnitUnknown unless the unit is registered and exists on the day."""
    unit = at.catalogue.unit(unit_code)
    if unit is None or not unit.holds(at.day):
        yield UnitUnknown(unit=unit_code)


CustodyAction = ForwardToStation | SignStationReceipt | ReturnTransfer | SignReturnReceipt


def decide(case: Case, command: CustodyAction, at: Setting) -> Ruling:
    match command:
        case ForwardToStation():
            return forward_to_station(case, command, at)
        case SignStationReceipt():
            return sign_station_receipt(case, command, at)
        case ReturnTransfer():
            return return_transfer(case, command, at)
        case SignReturnReceipt():
            return sign_return_receipt(case, command, at)
        case _:
            assert_never(command)
