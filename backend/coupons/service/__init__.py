"""The verbs of coupons, one module for each hand that does them; all flush and none commits."""

FOR_CHANGE = {"key_share": True}
"""Locks a row against other changes, but not against rows that only point to it.

A claim points to its campaign after it has locked the stock; whoever locked the campaign whole and then the stock would
wait for the claim while the claim waits for them.
"""
