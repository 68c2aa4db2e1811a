"""Sentences about an account that more than one page shows."""

from collections.abc import Mapping

from backend.accounts.residents.rules import Device, Purpose
from backend.core.errors import N_

CODE_REFUSED = N_("That code did not work. Codes last 5 minutes and work once, in the browser that asked for them.")

# What is agreed to, word for word; a change here needs a new version in `rules.VERSIONS`.
AGREEMENTS: Mapping[Purpose, str] = {
    Purpose.ACCOUNT: N_("Keep my mobile number, encrypted, so that I can sign in."),
    Purpose.POINTS: N_("Keep what I log, so that I get points and coupons for it."),
    Purpose.TEXTS: N_("Text me when something needs me, such as a coupon that ends."),
    Purpose.GUARDIAN: N_("I am the guardian and agree that the child collects points here under a nickname."),
}

DEVICES: Mapping[Device, str] = {
    Device.ANDROID: N_("Phone"),
    Device.IPHONE: N_("iPhone"),
    Device.TABLET: N_("Tablet"),
    Device.COMPUTER: N_("Computer"),
    Device.OTHER: N_("Another device"),
}

# How the parts of the export are headed for people; what has no word here stands under its name in the file.
EXPORT_WORDS: Mapping[str, str] = {
    "account": N_("Account"),
    "activities": N_("Logged"),
    "age_group": N_("Age group"),
    "agreed_at": N_("Agreed"),
    "answers": N_("Points that were checked"),
    "applied_at": N_("Applied"),
    "at": N_("When"),
    "behaviour": N_("Green behaviour"),
    "birth_year": N_("Birth year"),
    "campaign_id": N_("Coupon campaign"),
    "claimed_at": N_("Exchanged on"),
    "code": N_("Code"),
    "confirmed_at": N_("Let in"),
    "consents": N_("Agreements"),
    "counted": N_("Number that was counted"),
    "coupons": N_("Coupons"),
    "created_at": N_("Since"),
    "device": N_("Device"),
    "distance_m": N_("Metres away"),
    "ended_at": N_("Ended"),
    "ended_how": N_("How it ended"),
    "evidence": N_("Evidence"),
    "face_fen": N_("Worth in fen"),
    "given_at": N_("Given"),
    "granted_on": N_("Granted on"),
    "guardian_phone": N_("Guardian's number"),
    "honour": N_("Title"),
    "honours": N_("Green titles"),
    "household": N_("Household"),
    "id": N_("Random number"),
    "is_met": N_("Met"),
    "is_public": N_("May be named"),
    "language": N_("Language"),
    "logged_at": N_("Logged on"),
    "made_at": N_("As of"),
    "nickname": N_("Nickname"),
    "note": N_("Note"),
    "notices": N_("Your messages"),
    "phone": N_("Mobile number"),
    "points": N_("Points"),
    "price_points": N_("Price in points"),
    "purpose": N_("For what"),
    "quantity": N_("How much"),
    "read_at": N_("Read on"),
    "reason": N_("Reason"),
    "rule": N_("By which rule"),
    "seen_at": N_("Last used"),
    "share": N_("Goes to the household"),
    "shown_name": N_("Name"),
    "sign_ins": N_("Signed in"),
    "since": N_("Since"),
    "site": N_("Where"),
    "state": N_("State"),
    "terms": N_("Agreed version"),
    "text": N_("Text"),
    "valid_until": N_("Valid until"),
    "version": N_("Version"),
    "withdrawn_at": N_("Taken back"),
    "words": N_("Own words"),
}
