"""Whether the device of a profile is the one at hand, and what is to be said where it is not."""

from zen_lightning.errors import UserError
from zen_lightning.latency.device_facts import device_name, library_versions
from zen_lightning.latency.profile import Profile


def is_here(profile: Profile) -> bool:
    """Whether the device of a profile is the one at hand."""
    if profile.settings.elsewhere:
        return False
    from zen_lightning.latency.runner import check_present

    try:
        check_present(profile.settings)
    except UserError:
        return False
    return bool(device_name(profile.settings.device) == profile.device["name"])


def warnings_of(profile: Profile) -> list[str]:
    """Return what a profile warns of itself, and whether it was made with another version of torch than the one here."""
    said = [f"{profile.name}: {profile.warning}"] if profile.warning else []
    if profile.source.get("note"):
        said.append(f"{profile.name}: {profile.source['note']}")
    then, now = profile.device["versions"].get("torch"), library_versions()["torch"]
    if is_here(profile) and then not in (None, now):
        said.append(f"the profile was measured with torch {then}, this is {now}: its predictions may be wrong")
    return said


def elsewhere(profile: Profile) -> str:
    """Return the sentence for a profile of a device that is not at hand."""
    return (
        f"the profile {profile.name} is of another device ({profile.device['name']}): latency is predicted for that one, and "
        "not measured here"
    )
