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

# What each part of the export is, in words: picture, title, what is in it.
EXPORT_PARTS: Mapping[str, tuple[str, str, str]] = {
    "account": (
        "person",
        N_("Account"),
        N_("Your number, which we keep encrypted, your nickname, language and age group."),
    ),
    "consents": ("check", N_("Agreements"), N_("What you agreed to, in which words and when, and what you took back.")),
    "sign_ins": (
        "key",
        N_("Signed in"),
        N_("On what kinds of devices you are signed in now."),
    ),
    "activities": (
        "leaf",
        N_("What you logged"),
        N_("Each green behaviour with its points, its proof and what was decided."),
    ),
    "community": (
        "pin",
        N_("Community"),
        N_("Which community and school your green behaviours count for, if you chose any."),
    ),
    "points": ("jar", N_("My points"), N_("What you have, what is on its way, and each line of the history.")),
    "coupons": ("ticket", N_("Coupons"), N_("Each ticket with its price, its last day and what became of it.")),
    "household": (
        "home",
        N_("Household"),
        N_("In which households you were or asked to be, since when, and what you share."),
    ),
    "honours": ("medal", N_("Green titles"), N_("What you applied for, with your own words, and what was decided.")),
    "followed": (
        "books",
        N_("What you follow"),
        N_("Which articles and figures of the city's plan you follow, and since when."),
    ),
    "notices": ("bell", N_("Your messages"), N_("What we told you, and when you read it.")),
}

# How single facts of the export are headed for people.
EXPORT_WORDS: Mapping[str, str] = {
    "age_group": N_("Age group"),
    "agreed_at": N_("Agreed"),
    "amount": N_("Points"),
    "answer": N_("The reply"),
    "answers": N_("Points that were checked"),
    "appeal": N_("Objection"),
    "applied_at": N_("Applied"),
    "at": N_("When"),
    "available": N_("Can be spent"),
    "behaviour": N_("Green behaviour"),
    "birth_year": N_("Birth year"),
    "campaign_id": N_("Number of the campaign"),
    "chosen_at": N_("Chosen"),
    "claimed_at": N_("Exchanged on"),
    "code": N_("Code"),
    "confirmed_at": N_("Let in on"),
    "counted": N_("Number that was counted"),
    "county_code": N_("County"),
    "created_at": N_("Since"),
    "decided_at": N_("Decided on"),
    "device": N_("Device"),
    "distance_m": N_("Metres from the place"),
    "ended_at": N_("Ended on"),
    "ended_how": N_("How it ended"),
    "evidence": N_("Proof"),
    "expires_on": N_("Good until"),
    "face_fen": N_("Value in fen"),
    "given_at": N_("Given"),
    "granted_on": N_("Granted on"),
    "guardian_phone": N_("Guardian's number"),
    "history": N_("Lines of the history"),
    "honour": N_("Title"),
    "household": N_("Household"),
    "id": N_("Random number"),
    "is_granted": N_("Agreed with you"),
    "is_met": N_("Met"),
    "is_public": N_("May be named"),
    "kind": N_("Kind"),
    "language": N_("Language"),
    "logged_at": N_("Logged"),
    "made_at": N_("As of"),
    "next_expiry": N_("Next last day"),
    "nickname": N_("Nickname"),
    "note": N_("Note"),
    "owed": N_("Owed"),
    "pending": N_("On its way"),
    "phone": N_("Mobile number"),
    "points": N_("Points"),
    "price_points": N_("Price in points"),
    "purpose": N_("For what"),
    "quantity": N_("How much"),
    "read_at": N_("Read on"),
    "reason": N_("Reason"),
    "rule": N_("Rule"),
    "school": N_("School"),
    "seen_at": N_("Last used"),
    "share": N_("Goes to the household"),
    "shown_name": N_("Name"),
    "since": N_("Since"),
    "site": N_("Place"),
    "state": N_("State"),
    "subject": N_("About what"),
    "terms": N_("Agreed version"),
    "text": N_("Text"),
    "township_code": N_("Township"),
    "valid_until": N_("Valid until"),
    "version": N_("Version"),
    "withdrawn_at": N_("Taken back"),
    "words": N_("Own words"),
}
