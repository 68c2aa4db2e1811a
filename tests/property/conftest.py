"""How hard the property tests look: `HYPOTHESIS_PROFILE=weekly make test-quick` looks a hundred times harder."""

import os

from hypothesis import HealthCheck, settings

# The database fixtures live as long as one test, and every example of it rolls back to the same start.
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=_SHARED)
# The same examples every time: a change is never blamed for what chance found.
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, suppress_health_check=_SHARED)
settings.register_profile("weekly", max_examples=5000, deadline=None, print_blob=True, suppress_health_check=_SHARED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))
