"""What is remembered of each feed between runs: `OUT/_state/feeds.json`."""

from collections.abc import Iterable, Mapping

from transforms.output.state import FeedState, FeedStates


def load_states(output: str) -> dict[str, FeedState]:
    """Return the states kept in `output`, by URL.

    Raises:
        ConfigError: the file is damaged.
    """
    return {state.url: state for state in FeedStates.read(output).feeds}


def commit_states(output: str, changed: Iterable[FeedState]) -> Mapping[str, FeedState]:
    """Keep the `changed` states in `output`; return all.

    A state says that its feed's items need not be read again: commit it after they are published.
    """
    states = load_states(output)
    states |= {state.url: state for state in changed}
    FeedStates(feeds=[states[url] for url in sorted(states)]).write(output)
    return states
