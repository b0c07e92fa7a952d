"""Check every promise of docs/schema.md on an output, and mend what can be mended safely."""

from pipeline.upkeep.verify.checks import verify_output
from pipeline.upkeep.verify.findings import Problem, Report, print_problems

__all__ = ["Problem", "Report", "print_problems", "verify_output"]
