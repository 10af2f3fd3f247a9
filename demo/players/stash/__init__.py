"""A stand-in Stash: GraphQL over HTTP, and the hooks that its plugins send on."""
