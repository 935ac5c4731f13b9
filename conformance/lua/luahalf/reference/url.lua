-- What a socket.url makes of URLs: some by the grammar, some damaged.

local SCHEMES = { "http:", "ftp:", "x+y-z.1:", "a:", "mailto:", "1a:", "", "", "", ":", "a_b:" }
local USERS = { "", "", "", "u@", "u:p@", "u:@", "@", ":p@", "a%40b@", "u;x=1@" }
local HOSTS = { "h", "example.com", "[::1]", "[fe80::1%25lo]", "127.0.0.1", "", "a.b.", "[x", "[]", "H-1" }
local PORTS = { "", "", ":80", ":", ":x", ":0080" }
local SEGMENTS = { "a", "b.c", ".", "..", "...", "", "%2e", "a%20b", "~u", "a:b", "c=d", ".a", "..b", "é" }
local PARAMS = { "", "", "", ";p", ";p=1;q=2", ";", ";x=1/../y", ";/./" }
local QUERIES = { "", "", "", "?q", "?a=b&c=d", "?", "?a/b", "?a?b", "?a;b" }
local FRAGMENTS = { "", "", "", "#f", "#", "#a#b", "#a?b", "#/a/b" }
local MARKS = { ":", "/", "?", "#", "@", ";", "[", "]", "%", ".", "..", "//", " ", "\0", "\n", "\255", "+" }
local PARTS = {
  "scheme", "authority", "userinfo", "user", "password", "host", "port", "path", "params", "query", "fragment",
}

local function path(random)
  local out = {}
  for i = 1, random.below(5) do out[i] = random.pick(SEGMENTS) end
  return (random.below(3) > 0 and "/" or "") .. table.concat(out, "/") .. (random.below(4) == 0 and "/" or "")
end

local function url_of(random)
  local text = random.pick(SCHEMES)
  if random.below(2) == 0 then
    text = text .. "//" .. random.pick(USERS) .. random.pick(HOSTS) .. random.pick(PORTS)
    local rest = path(random)
    text = text .. (rest:sub(1, 1) == "/" and "" or "/") .. rest
  else
    text = text .. path(random)
  end
  text = text .. random.pick(PARAMS) .. random.pick(QUERIES) .. random.pick(FRAGMENTS)
  for _ = 1, random.below(3) == 0 and random.below(4) or 0 do
    local at = random.below(#text + 1)
    text = text:sub(1, at) .. random.pick(MARKS) .. text:sub(at + 1 + random.below(3))
  end
  return text
end

local function authority_of(text) return text:gsub("^%w[%w+.%-]*:", ""):match("^//([^/]*)") end

-- Where the original does not follow RFC 3986, and ours does: oracle_lua.lua has a case for each.
local function is_excused(text)
  local authority = authority_of(text)
  if not authority then return false end
  -- The authority ends at a question mark or hash; the last at-sign ends the user information; a password may have
  -- colons.
  return authority:find("[?#]") or authority:find("@.*@") or authority:find(":.*:.*@")
end

-- The same for a relative URL and its base: in the original dots in parameters, queries and fragments lead somewhere,
-- those before them or out of the root do not lead where they should, and a base without a path, or a relative one,
-- becomes absolute; hosts of dots are a path to it, and it makes the authority of "//host/path" anew.
local function leads_out(path)
  local depth = 0
  for segment in path:gmatch("[^/]+") do
    depth = depth + (segment == ".." and -1 or segment == "." and 0 or 1)
    if depth < 0 then return true end
  end
  return false
end

local function is_plain_pair(url, base, relative)
  if relative:find("^//") and url.build(url.parse(relative)) ~= relative then return false end
  for _, text in ipairs({ base, relative }) do
    local path, behind = text:match("^([^?#;]*)(.*)$")
    if behind:find("%.") or behind ~= "" and path:find("%.$") or is_excused(text) then return false end
    if (authority_of(text) or ""):find("^%.+$") or text == "" then return false end
    if text:find("^%w[%w+.%-]*:") and not authority_of(text) then return false end
  end
  local base_path = base:match("^%w[%w+.%-]*://[^/]+(/[^?#;]*)")
  if not base_path then return false end
  local path = relative:gsub("^%w[%w+.%-]*:", ""):gsub("^//[^/]*", ""):match("^[^?#;]*")
  if path == "" and base_path:find("%.$") then return false end
  if path:sub(1, 1) ~= "/" and not authority_of(relative) then path = base_path:match("^.*/") .. path end
  return not leads_out(base_path) and not leads_out(path)
end

local function parts_text(parts, message)
  if not parts then return "nil " .. message end
  local out = {}
  for _, name in ipairs(PARTS) do
    if parts[name] then out[#out + 1] = name .. "=" .. parts[name] end
  end
  return table.concat(out, " ")
end

--- Calls `tell(what, input, results)` for `count` URLs.
return function(url, random, count, tell)
  for _ = 1, count do
    local text, other = url_of(random), url_of(random)
    if not is_excused(text) then
      local parts, message = url.parse(text)
      tell("parse", text, parts_text(parts, message))
      tell("parse by default", text, parts_text(url.parse(text, { scheme = "s", port = "1", path = "/p", user = "me" })))
      if parts then
        tell("build", text, url.build(parts))
        local some = {}
        for _, name in ipairs(PARTS) do
          if random.below(2) == 0 then some[name] = parts[name] end
        end
        tell("build of some", text, url.build(some))
      end
    end
    if is_plain_pair(url, text, other) then tell("absolute", text .. " " .. other, url.absolute(text, other)) end
    local segments = url.parse_path(text)
    tell("parse_path", text, table.concat(segments, "|") .. tostring(segments.is_absolute) .. tostring(segments.is_directory))
    tell("build_path", text, url.build_path(segments) .. " " .. url.build_path(segments, true))
    local bytes = random.text({ "?", "%", "%4", "%41", "%fF", "_", "a" }, 20)
    tell("escape", bytes, url.escape(bytes))
    tell("unescape", bytes, url.unescape(bytes))
  end
end
