"""The REST API under /api/v1/: routers, serializers, webhooks and the event stream; no business logic."""
