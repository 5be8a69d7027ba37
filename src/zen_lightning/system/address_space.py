"""The address space that this process may have."""


def address_space() -> int | None:
    """Return the bytes of address space that this process may have (``ulimit -v``); None for no limit."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return None
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if soft == resource.RLIM_INFINITY else soft
