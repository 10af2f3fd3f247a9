"""How Taggarr runs: servers, processes, checks, health."""
