"""Laws of the vault: a box opens for its own person and field alone, one form for each number, masks that hold back."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.numbers import identity_check
from domain.vault.blind_index import BlindIndex
from domain.vault.commitment import commitment, is_committed
from domain.vault.fields import Part
from domain.vault.masking import HIDDEN, masked
from domain.vault.normal import normal_document, normal_name, normal_phone
from domain.vault.sealed import Kept, VaultKeys, opened, sealed
from domain.vault.sealing import Opened, Unsealable, new_key, new_salt, seal, unseal
from domain.vault.wrapping import KeyAbsent, Wrapped, WrappingKeys

PARTS = st.sampled_from(Part)
VALUES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)
REFS = st.integers(0, 2**128 - 1).map(lambda n: f"p-{n:032x}")
SALT = st.binary(min_size=32, max_size=32)
KEY = new_key()
INDEX = BlindIndex(new_key())


@given(REFS, PARTS, VALUES)
def test_what_was_sealed_opens_again(person_ref, part, value):
    said = Opened(value, new_salt())
    assert unseal(KEY, person_ref, part, seal(KEY, person_ref, part, said)) == said


@given(REFS, REFS, PARTS, PARTS, VALUES)
def test_a_box_opens_for_no_other_person_and_no_other_field(one, other, part, another, value):
    assume((one, part) != (other, another))
    box = seal(KEY, one, part, Opened(value, new_salt()))
    with pytest.raises(Unsealable):
        unseal(KEY, other, another, box)


@given(REFS, PARTS, VALUES, st.data())
def test_a_box_with_one_bit_changed_does_not_open(person_ref, part, value, data):
    box = bytearray(seal(KEY, person_ref, part, Opened(value, new_salt())))
    place = data.draw(st.integers(0, len(box) * 8 - 1))
    box[place // 8] ^= 1 << place % 8
    with pytest.raises(Unsealable):
        unseal(KEY, person_ref, part, bytes(box))


@given(st.binary(max_size=60))
def test_bytes_of_any_kind_are_refused_and_never_a_crash(box):
    with pytest.raises(Unsealable):
        unseal(KEY, "p-" + "0" * 32, Part.name, box)


def test_the_same_value_is_never_sealed_to_the_same_box():
    said = Opened("李桂兰", new_salt())
    assert len({seal(KEY, "p-" + "0" * 32, Part.name, said) for _ in range(1000)}) == 1000


@given(REFS, REFS)
def test_a_wrapped_key_opens_for_its_person_alone(one, other):
    keys = WrappingKeys({1: new_key(), 2: new_key()})
    wrapped = keys.wrap(one, KEY)
    assert wrapped.kek == 2
    assert keys.unwrap(one, wrapped) == KEY
    assume(one != other)
    with pytest.raises(Unsealable):
        keys.unwrap(other, wrapped)


def test_a_wrapped_key_says_which_key_is_wanted():
    keys = WrappingKeys({1: new_key()})
    wrapped = keys.wrap("p-" + "0" * 32, KEY)
    with pytest.raises(KeyAbsent):
        WrappingKeys({2: new_key()}).unwrap("p-" + "0" * 32, wrapped)
    with pytest.raises(Unsealable):
        WrappingKeys({1: keys.by_number[1], 2: new_key()}).unwrap("p-" + "0" * 32, Wrapped(2, wrapped.box))


@given(REFS, st.dictionaries(PARTS, VALUES, min_size=1))
def test_a_whole_person_is_sealed_and_opened_with_commitments_that_hold(person_ref, values):
    keys = VaultKeys(WrappingKeys({1: new_key()}), INDEX)
    made = sealed(keys, KEY, person_ref, values)
    held = opened(keys, person_ref, Kept(keys.wrapping.wrap(person_ref, KEY), made.boxes))
    assert {part: each.value for part, each in held.items()} == values
    assert all(is_committed(made.digests[part], part, each) for part, each in held.items())


@given(PARTS, PARTS, VALUES, VALUES, SALT, SALT)
def test_a_commitment_fits_one_field_one_value_and_one_salt(part, another, value, other, salt, grain):
    digest = commitment(part, Opened(value, salt))
    same = (part, value, salt) == (another, other, grain)
    assert is_committed(digest, another, Opened(other, grain)) is same


NUMBERS = st.text("0123456789xXＸ０１ -　", max_size=24)


@settings(max_examples=300)
@given(st.sampled_from(["111", "414", "uscc", "990"]), NUMBERS)
def test_a_document_in_its_one_form_stays_in_it(id_type, number):
    once = normal_document(id_type, number)
    assert normal_document(id_type, once.partition(":")[2]) == once


@settings(max_examples=300)
@given(st.text("0123456789０１+＋ -() ", max_size=24))
def test_a_telephone_in_its_one_form_stays_in_it(phone):
    once = normal_phone(phone)
    assert normal_phone(once) == once


@settings(max_examples=300)
@given(VALUES)
def test_a_name_in_its_one_form_stays_in_it(name):
    once = normal_name(name)
    assert normal_name(once) == once


@given(st.integers(110000, 659999), st.dates(), st.integers(0, 999))
def test_the_old_and_the_new_number_of_a_person_have_one_fingerprint(place, born, serial):
    old = f"{place}{born:%y%m%d}{serial:03d}"
    body = f"{place}19{born:%y%m%d}{serial:03d}"
    new = body + identity_check(body)
    assert INDEX.document("111", old) == INDEX.document("111", new) == INDEX.document("111", new.lower())


@pytest.mark.parametrize(
    "written",
    ["13800001234", "+86 138 0000 1234", "0086-13800001234", "8613800001234", "１３８００００１２３４"],
)
def test_the_usual_ways_to_write_a_telephone_have_one_fingerprint(written):
    assert INDEX.phone(written) == INDEX.phone("+8613800001234")


def test_a_landline_has_one_fingerprint_with_and_without_the_country():
    assert normal_phone("0914-8322345") == normal_phone("+86 914 8322345") == "+869148322345"


def test_kinds_and_keys_keep_fingerprints_apart():
    assert INDEX.name("13800001234") != INDEX.phone("13800001234")
    assert BlindIndex(new_key()).name("李桂兰") != INDEX.name("李桂兰")


SHOWN_AT_MOST = {Part.name: 1, Part.id_number: 8, Part.phone: 7, Part.address: 0}
HIDDEN_AT_LEAST = {Part.name: 1, Part.id_number: 8, Part.phone: 4}


@settings(max_examples=300)
@given(st.sampled_from(list(SHOWN_AT_MOST)), VALUES.filter(lambda value: "*" not in value))
def test_a_mask_never_shows_more_than_it_may(part, value):
    mask = masked(part, value)
    shown = sum(char != "*" for char in mask)
    assert shown <= SHOWN_AT_MOST[part]
    if part is Part.address:
        assert mask == HIDDEN
    else:
        assert len(mask) == len(value)
        assert all(theirs in ("*", ours) for theirs, ours in zip(mask, value, strict=True))
        assert len(value) - shown >= min(len(value), HIDDEN_AT_LEAST[part])


@pytest.mark.parametrize(
    ("part", "value", "mask"),
    [
        (Part.name, "李", "*"),
        (Part.name, "李梅", "李*"),
        (Part.id_number, "370203199001011234", "3702**********1234"),
        (Part.id_number, "E1234567", "********"),
        (Part.id_number, "E12345678", "E********"),
        (Part.phone, "13812345678", "138****5678"),
        (Part.phone, "8322345", "8******"),
        (Part.id_type, "111", "111"),
    ],
)
def test_masks_look_as_people_know_them(part, value, mask):
    assert masked(part, value) == mask


def test_nothing_secret_is_printed_by_accident():
    keys = VaultKeys(WrappingKeys({1: KEY}), INDEX)
    for each in (keys, keys.wrapping, INDEX, Opened("李桂兰", new_salt())):
        assert "李" not in repr(each)
        assert "b'" not in repr(each)
