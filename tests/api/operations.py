"""Every operation of the API: what it answers an admin, by who may ask for it."""

import json
from pathlib import Path

DOCUMENT = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/api/v1')}"
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
}

# The status for an admin; what everybody else gets follows from the kind of operation.
LOOK = {
    "GET /artwork/entities": 200,
    "GET /artwork/entities/{id}": 200,
    "GET /artwork/entities/{id}/preview": 200,
    "GET /artwork/entities/{entity_id}/candidates": 200,
    "GET /artwork/entities/{entity_id}/candidates/{id}": 200,
    "GET /artwork/entities/{entity_id}/publications": 200,
    "GET /artwork/entities/{entity_id}/publications/{id}": 200,
    "GET /artwork/blacklist": 200,
    "GET /artwork/blacklist/{id}": 200,
    "GET /artwork/candidates/{candidate_id}/preview": 404,
    "GET /artwork/held": 200,
    "GET /artwork/held/{connection}": 200,
    # Nothing is kept.
    "GET /artwork/pictures/{sha256}": 404,
    "GET /artwork/pictures/{sha256}/thumbnail": 404,
    "GET /collection/duplicates": 200,
    "GET /collection/editions/{id}/box": 200,
    "GET /collection/libraries": 200,
    "GET /collection/libraries/{id}": 200,
    "GET /collection/own-fields": 200,
    "GET /collection/own-fields/{id}": 200,
    "GET /collection/copies": 200,
    "GET /collection/copies/{id}": 200,
    "GET /collection/editions": 200,
    "GET /collection/editions/{id}": 200,
    "GET /collection/export": 200,
    "GET /collection/gaps": 200,
    "GET /collection/imports": 200,
    "GET /collection/imports/formats": 200,
    "GET /collection/imports/template.csv": 200,
    # Nothing is named.
    "POST /collection/lookup": 422,
    "GET /collection/pictures": 200,
    "GET /collection/pictures/{id}": 200,
    # Nothing is kept.
    "GET /collection/pictures/{id}/file": 404,
    "GET /collection/places": 200,
    "GET /collection/places/{id}": 200,
    "GET /collection/reviews": 200,
    "GET /collection/works": 200,
    "GET /collection/works/{id}": 200,
    "GET /collection/works/{id}/progress": 200,
    "GET /collection/works/{work_id}/changes": 200,
    "GET /collection/works/{work_id}/copies": 200,
    "GET /collection/works/{work_id}/editions": 200,
    "GET /collection/works/{work_id}/seasons": 200,
    "GET /collection/works/{work_id}/seasons/{id}": 200,
    "GET /collection/works/{work_id}/seasons/{id}/progress": 200,
    "GET /events": 200,
    "GET /files": 200,
    "GET /files/{id}": 200,
    "GET /history": 200,
    "GET /history/{id}": 200,
    "GET /connections": 200,
    "GET /connections/kinds": 200,
    "GET /connections/{id}": 200,
    "GET /connections/{id}/adoption": 200,
    "GET /connections/{id}/held": 200,
    "GET /jobs": 200,
    "GET /jobs/{id}": 200,
    "GET /jobs/{job_id}/items": 200,
    "GET /labels": 200,
    "GET /labels/{id}": 200,
    "GET /media": 200,
    "GET /media/{id}": 200,
    "GET /media/{id}/explain": 200,
    "GET /media/{id}/files": 200,
    "GET /media/{id}/seasons": 200,
    "GET /players": 200,
    "GET /players/routes": 200,
    "GET /players/routes/{id}": 200,
    "GET /players/{id}": 200,
    "GET /players/{id}/outages": 200,
    "GET /players/{id}/stats": 200,
    "GET /players/{player_id}/links": 200,
    "GET /players/{player_id}/links/{id}": 200,
    "GET /players/{player_id}/links/{id}/preview": 200,
    "GET /policies": 200,
    "GET /policies/{id}": 200,
    "GET /policies/{id}/versions": 200,
    "GET /stats": 200,
    "GET /summary": 200,
    "GET /system/health": 200,
    "GET /system/status": 200,
    "GET /system/tasks": 200,
    "GET /system/tasks/{id}": 200,
    "GET /tags": 200,
    "GET /tags/{id}": 200,
}
# What is there for the admin alone, who made it.
MADE = {
    "GET /collection/duplicates/{id}": 200,
    "GET /collection/imports/{id}": 200,
    "GET /collection/imports/{id}/preview": 200,
    "GET /collection/imports/{id}/result": 200,
    # It was not imported.
    "GET /collection/imports/{id}/undo-preview": 422,
    "GET /collection/imports/{import_id}/rows": 200,
    "GET /collection/reviews/{id}": 200,
}
NEW_USER = {"username": "new", "password": "some words that are long enough", "role": "viewer"}
POLICY = {"name": "New", "target_languages": ["English"]}
CHANNEL = {"name": "New", "kind": "ntfy", "values": {"topic": "dubs"}}
# What needs a user, or a key of theirs with the scope `write`.
ADD = {
    # There is one place only.
    "POST /collection/places/{id}/merge": (404, {"into": 4711}),
    "POST /collection/places": (201, {"name": "Cellar"}),
    "PUT /collection/places/{id}": (200, {"name": "Loft", "parent": None}),
    "PATCH /collection/places/{id}": (200, {"name": "Loft"}),
    # Something stands there.
    "DELETE /collection/places/{id}": (422, None),
    "PUT /collection/editions/{id}": (200, {"format": "Hardcover"}),
    "PUT /collection/editions/{id}/box": (200, {"members": [{"note": "An interview"}]}),
    "POST /collection/duplicates/{id}/dismiss": (204, None),
    # Nobody said that they are two.
    "POST /collection/duplicates/{id}/ask-again": (422, None),
    "POST /collection/duplicates/look": (202, None),
    "DELETE /collection/trash": (200, None),
    "PATCH /collection/copies/{id}": (200, {"condition": "worn"}),
    "DELETE /collection/copies/{id}": (204, None),
    # It is not in the trash.
    "POST /collection/copies/{id}/restore": (404, None),
    "PATCH /collection/editions/{id}": (200, {"pages": 412}),
    "PATCH /collection/imports/{id}": (200, {"mode": "skip"}),
    "POST /collection/imports/{id}/start": (202, None),
    # It was not imported.
    "POST /collection/imports/{id}/undo": (422, None),
    "POST /collection/imports/upload": (201, b"title\nDune\n"),
    "POST /collection/pictures/{id}/first": (200, None),
    "DELETE /collection/pictures/{id}": (204, None),
    # It is not in the trash.
    "POST /collection/pictures/{id}/restore": (404, None),
    # Nobody says of what.
    "POST /collection/pictures/upload": (422, b"a picture"),
    "POST /collection/reviews/{id}/decide": (200, {"do": "skip"}),
    "POST /collection/works": (201, {"kind": "book", "title": "Emma"}),
    "PATCH /collection/works/{id}": (200, {"year": 1965}),
    "DELETE /collection/works/{id}": (204, None),
    # There is no other.
    "POST /collection/works/{id}/merge": (404, {"other": 4711}),
    # It is not in the trash.
    "POST /collection/works/{id}/restore": (404, None),
    "POST /collection/works/{id}/unmerge": (422, None),
    "POST /collection/works/{work_id}/seasons": (201, {"number": 2}),
    "PATCH /collection/works/{work_id}/seasons/{id}": (200, {"expected": 10}),
    "DELETE /collection/works/{work_id}/seasons/{id}": (204, None),
}
# What is everybody's own matter; a key needs the scope `write`.
OWN_MATTER = {
    "POST /collection/export": (202, None),
    "PATCH /collection/works/{id}/progress": (200, {"state": "completed"}),
    "PATCH /collection/works/{work_id}/seasons/{id}/progress": (200, {"state": "completed"}),
}
# What needs an admin, or a key of theirs with the scope `write`: the status, and the body that is sent.
CHANGE = {
    "POST /artwork/entities/actions": (202, {"action": "publish", "filter": {}}),
    "PATCH /artwork/entities/{id}": (200, {"locks": ["*"]}),
    "POST /artwork/entities/{id}/discard": (200, None),
    "POST /artwork/entities/{id}/leave-out": (200, {"type": "poster"}),
    "POST /artwork/entities/{id}/identify": (422, {"provider": "tmdb", "id": "1"}),
    "POST /artwork/entities/{id}/identify/undo": (422, None),
    "POST /artwork/entities/{id}/put-off": (200, {"days": 3}),
    "POST /artwork/entities/{id}/ask-again": (200, None),
    "POST /artwork/entities/{id}/prepare": (202, None),
    "POST /artwork/entities/{id}/take": (422, {"type": "poster", "address": "poster.jpg"}),
    "POST /artwork/pictures/upload": (404, b"a picture"),
    "POST /artwork/connections/{connection_id}/rules/preview": (202, {"art_languages": "de"}),
    "POST /artwork/entities/{id}/publish": (202, None),
    "DELETE /artwork/blacklist/{id}": (204, None),
    "POST /artwork/held/{connection}/release": (202, None),
    # There is no such candidate.
    "POST /artwork/entities/{id}/reject": (422, {"candidate": 4711}),
    "POST /artwork/entities/{id}/take-back": (422, {"candidate": 4711}),
    "POST /artwork/entities/{id}/select": (422, {"candidate": 4711}),
    "POST /artwork/entities/{id}/verify": (202, {}),
    # It failed.
    "POST /artwork/entities/{entity_id}/publications/{id}/undo": (422, None),
    "POST /system/tasks/{id}/run": (202, None),
    "POST /connections/{id}/adopt": (202, {"labels": ["dub"]}),
    "POST /connections/{id}/decline": (200, None),
    "POST /connections/{id}/leave": (204, {"labels": ["dub"]}),
    "POST /connections/{id}/reconsider": (204, None),
    "POST /connections/{id}/release": (202, None),
    "POST /connections/{id}/scan": (202, {"mode": "update"}),
    "POST /jobs": (202, "job"),
    "POST /jobs/{id}/cancel": (409, None),
    "POST /jobs/{id}/retry": (202, None),
    "POST /jobs/{job_id}/items/{id}/retry": (202, None),
    "PATCH /media/{id}": (200, {"excluded": True}),
    # No file is named, and the policy does not allow it.
    "POST /media/{id}/search": (422, {"confirm": True}),
    "POST /media/{id}/unmonitor": (422, {"confirm": True}),
    "POST /media/{id}/scan": (202, {}),
    "POST /players/{id}/failed/clear": (200, {"number": 1}),
    "POST /players/{id}/failed/purge": (200, {"number": 1}),
    "POST /players/{id}/failed/retry": (200, {"number": 1}),
    "POST /players/{id}/reconcile": (202, {"everything": True}),
    # Nothing was released.
    "POST /players/{id}/hold": (422, None),
    "POST /players/{id}/release": (202, None),
    "POST /players/{id}/send": (202, None),
    "POST /players/{player_id}/links/{id}/dismiss": (200, None),
    # Nothing was taken back.
    "POST /players/{player_id}/links/{id}/give-back": (422, None),
    # There is no such item.
    "POST /players/{player_id}/links/{id}/pin": (422, {"item": "4711"}),
    "POST /players/{player_id}/links/{id}/retry": (200, None),
    "POST /players/{player_id}/links/{id}/take-back": (200, {}),
    "POST /players/{player_id}/links/{id}/unpin": (200, None),
    "POST /policies": (201, POLICY),
    "PUT /policies/{id}": (200, POLICY),
    "PATCH /policies/{id}": (200, {"quick": True}),
    # It was never otherwise.
    "POST /policies/{id}/revert": (422, {}),
    "POST /policies/{id}/preview": (200, {"target_languages": ["German"]}),
    "DELETE /policies/{id}": (204, None),
}
# With the scope `settings`.
MANAGE = {
    "POST /collection/libraries": (201, {"name": "Gifts", "visibility": "members", "members": ["ada"]}),
    "PUT /collection/libraries/{id}": (200, {"name": "House"}),
    "PATCH /collection/libraries/{id}": (200, {"description": "What stands on shelves."}),
    # It is the usual one.
    "DELETE /collection/libraries/{id}": (422, None),
    "POST /collection/libraries/{id}/make-usual": (200, None),
    "POST /collection/own-fields": (201, {"kind": "movie", "name": "Cut"}),
    "PUT /collection/own-fields/{id}": (200, {"kind": "book", "name": "Shelf mark", "holds": "number"}),
    "PATCH /collection/own-fields/{id}": (200, {"holds": "number"}),
    "DELETE /collection/own-fields/{id}": (204, None),
    "GET /api-keys": (200, None),
    "GET /api-keys/{id}": (200, None),
    "GET /channels": (200, None),
    "GET /channels/kinds": (200, None),
    "GET /channels/{id}": (200, None),
    # Nobody listens at its address.
    "POST /channels/{id}/test": (422, None),
    "GET /deliveries": (200, None),
    "GET /deliveries/{id}": (200, None),
    "POST /deliveries/{id}/retry": (202, None),
    "GET /system/audit": (200, None),
    "GET /system/audit/{id}": (200, None),
    "GET /settings": (200, None),
    "PATCH /settings": (200, {"retention": {"keep": 3}}),
    "GET /system/backups": (200, None),
    "GET /system/backups/{name}": (200, None),
    "POST /system/backups": (202, None),
    "POST /system/backups/{name}/check": (200, None),
    # Bytes are sent as they are, and these are no archive.
    "POST /system/backups/upload": (422, b"PK"),
    "DELETE /system/backups/{name}": (204, None),
    "GET /system/logs": (200, None),
    "GET /system/logs/{name}": (200, None),
    # Nothing is to be restored.
    "GET /system/restore": (404, None),
    "DELETE /system/restore": (404, None),
    "PATCH /system/tasks/{id}": (200, {"every": 3600}),
    "GET /users": (200, None),
    "GET /users/{id}": (200, None),
    # Nobody is to be connected: what is sent are no settings of the original.
    "POST /import": (422, {"settings": "colour: blue"}),
    "POST /connections": (201, "new instance"),
    "PUT /connections/{id}": (200, "instance"),
    "PATCH /connections/{id}": (200, {"enabled": False}),
    "DELETE /connections/{id}": (204, None),
    "POST /connections/{id}/test": (200, None),
    "DELETE /players/routes/{id}": (204, None),
    "PATCH /players/routes/{id}": (200, {"pattern": "Audio: {label}"}),
    # It is there.
    "POST /players/routes": (422, "route"),
    "PUT /players/routes/{id}": (200, "route"),
    "POST /players/{id}/leave": (202, {}),
    "POST /players/{id}/mappings": (200, None),
    "POST /players/{id}/pause": (200, None),
    "POST /players/{id}/resume": (200, None),
    # Nobody listens at the address: the application refuses to save it.
    "POST /connections/{id}/webhook": (422, {"url": "http://127.0.0.1:9"}),
    "POST /connections/{id}/webhook-token": (200, None),
}
# No key will do, nor a session whose sign-in is long ago.
IN_PERSON = {
    "POST /api-keys": (201, {"name": "Homepage"}),
    "DELETE /api-keys/{id}": (204, None),
    "POST /channels": (201, CHANNEL),
    "PUT /channels/{id}": (200, CHANNEL),
    "PATCH /channels/{id}": (200, {"enabled": False}),
    "DELETE /channels/{id}": (204, None),
    "GET /system/backups/{name}/download": (200, None),
    "POST /system/backups/{name}/restore": (202, {}),
    "GET /system/logs/{name}/download": (200, None),
    # That is no Stash.
    "POST /players/hook/{source}/token": (404, None),
    "POST /users": (201, NEW_USER),
    "PUT /users/{id}": (200, {"username": "vera", "role": "viewer"}),
    "PATCH /users/{id}": (200, {"first_name": "Vera"}),
    "DELETE /users/{id}": (204, None),
}
# The token of the instance lets in, and nothing else does.
OWN = {
    "POST /webhook/{instance}": (401, {"eventType": "Test"}),
    "POST /players/hook/{source}": (401, {"id": 17, "type": "Scene.Update.Post"}),
}
