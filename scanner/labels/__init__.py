"""Which labels a series or movie should carry, and which of those in an app are ours."""
