-- Where our mime.core differs from LuaSocket 3.1.0's on purpose: case -> reason. On the original's each of these cases must
-- fail; one that passes is stale.

local lost = "the original loses data here"

return {
  ["mime_core: quoted bytes that begin with NUL are decoded"] = lost,
  ["mime_core: a byte after a bare CR is kept"] = lost,
  ["mime_lines: a marker may contain NUL"] = "the original stops at the NUL",
}
