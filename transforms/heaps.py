"""Memory that the C library keeps: given back to the system after each batch and each model.

Every graph brings threads, and glibc gives threads heaps of their own, which it does not join or
shrink by itself: a process that makes graph after graph grows though nothing is kept. Arrow takes
part in this, as `pipeline` has it use the C library: its own allocator keeps more. What a batch of
large files or the loading of a model has left would stand beside all that comes.
"""

import ctypes
import gc

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's mallopt(3)."""
_ARENAS = 2


def limit_heaps() -> None:
    """Let all threads share two heaps; call it before threads are made."""
    if mallopt := _function("mallopt"):
        mallopt(_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return what is free to the system, cycles of objects included."""
    gc.collect()
    trim()


def trim() -> None:
    """Return what is free to the system; takes some milliseconds."""
    if malloc_trim := _function("malloc_trim"):
        malloc_trim(0)


def _function(name: str) -> "ctypes._NamedFuncPointer | None":
    """Return a function of the C library, `None` where it is not glibc."""
    return getattr(ctypes.CDLL(None), name, None)
