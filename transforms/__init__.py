"""The steps of newsbeam: one module each, a pure function and the PTransform that wires it."""
