"""What schemathesis has to know to send archives: bytes go as they are. Named by `bench.contract`."""

import schemathesis

schemathesis.serializer.alias("application/zip", "application/octet-stream")
