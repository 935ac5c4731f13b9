-- socket.url: URLs in parts and whole, relative ones made absolute (RFC 3986), with the path's parameters apart.
local socket = require "socket"

local ipairs, pairs, setmetatable, tonumber, type = ipairs, pairs, setmetatable, tonumber, type
local char, gsub, concat = string.char, string.gsub, table.concat

local url = { _VERSION = "URL 1.0.3" }
socket.url = url

-- The parts of the authority.
local PLACE = { "userinfo", "user", "password", "host", "port" }

-- Escapes ------------------------------------------------------------------------------------------------------------

-- A table that is filled by its use: one character and another have a single replacement each.
local function filled(make)
  return setmetatable({}, { __index = function(table, key)
    local value = make(key)
    table[key] = value
    return value
  end })
end

local function escapes(format, kept)
  return filled(function(character) return not kept:find(character, 1, true) and format:format(character:byte()) end)
end

local lower = escapes("%%%02x", "")
-- A path's segment may have these as they are.
local upper = escapes("%%%02X", "-.!~*'():@&=+$,")
local plain = filled(function(digits) return char(tonumber(digits, 16)) end)

-- Everything but letters, digits and underscores as %xx.
function url.escape(text)
  return (gsub(text, "[^A-Za-z0-9_]", lower))
end

function url.unescape(text)
  return (gsub(text, "%%(%x%x)", plain))
end

local function escape_segment(text)
  return (gsub(text, "[^A-Za-z0-9_]", upper))
end

-- Parts --------------------------------------------------------------------------------------------------------------

-- user:password@host:port, into the parts' table. The host of an address in brackets comes without them.
local function parse_authority(authority, parts)
  parts.authority = authority
  local userinfo, place
  if authority:find("@", 1, true) then
    userinfo, place = authority:match("^(.*)@(.*)$")
    parts.userinfo = userinfo
    local user, password = userinfo:match("^([^:]*):(.*)$")
    parts.user, parts.password = user or userinfo, password
  else
    place = authority
  end
  local host, port = place, nil
  if place:find(":", 1, true) then
    host, port = place:match("^(.*):([^:%]]*)$")
    host = host or place
  end
  parts.port = port or parts.port
  if host ~= "" then parts.host = host:match("^%[(.+)%]$") or host end
end

-- A text up to a character, and what follows that; or else `default`.
local function cut(text, at, default)
  local position = text:find(at, 1, true)
  if not position then return text, default end
  return text:sub(1, position - 1), text:sub(position + 1)
end

-- Numbers are taken for their digits, as by Lua's functions for strings.
local function in_letters(value) return type(value) == "number" and tostring(value) or value end

-- The authority of what begins with two slashes, and the rest. It ends at a slash, a question mark or a hash; but what
-- would then be no port is the beginning of a password that has them in it.
local function cut_authority(text)
  local upto_slash = text:match("^//([^/]*)")
  if not upto_slash then return nil, text end
  local authority = upto_slash:match("^[^?#]*")
  if #authority < #upto_slash and authority:find("^[^@]*:[^@]*[^@%d%]][^@]*$") and upto_slash:find("[?#].*@") then
    authority = upto_slash
  end
  return authority, text:sub(3 + #authority)
end

-- A table of the parts that there are: scheme, authority, userinfo, user, password, host, port, path, params, query,
-- fragment. Those of `default` count where the URL has none.
function url.parse(text, default)
  local parts = {}
  for name, value in pairs(default or parts) do parts[name] = value end
  text = in_letters(text)
  if not text or text == "" then return nil, "invalid url" end

  local scheme, rest = text:match("^(%w[%w+.%-]*):(.*)$")
  local authority
  authority, rest = cut_authority(rest or text)
  rest, parts.fragment = cut(rest, "#", parts.fragment)
  rest, parts.query = cut(rest, "?", parts.query)
  rest, parts.params = cut(rest, ";", parts.params)
  parts.scheme = scheme or parts.scheme
  if rest ~= "" then parts.path = rest end
  if authority then parse_authority(authority, parts) end
  return parts
end

local function build_authority(parts)
  local host = in_letters(parts.host)
  if not host then return parts.authority end
  if host:find(":", 1, true) then host = "[" .. host .. "]" end
  if parts.port then host = host .. ":" .. parts.port end
  local userinfo = parts.userinfo
  if parts.user then
    userinfo = parts.user
    if parts.password then userinfo = userinfo .. ":" .. parts.password end
  end
  return userinfo and userinfo .. "@" .. host or host
end

-- The URL with these parts. The host, where there is one, counts more than the authority; so does the user.
function url.build(parts)
  local text = parts.path or ""
  local authority = build_authority(parts)
  if parts.params then text = text .. ";" .. parts.params end
  if parts.query then text = text .. "?" .. parts.query end
  if authority then text = "//" .. authority .. text end
  if parts.scheme then text = parts.scheme .. ":" .. text end
  if parts.fragment then text = text .. "#" .. parts.fragment end
  return text
end

-- Paths --------------------------------------------------------------------------------------------------------------

-- A list of the path's unescaped segments; with the fields `is_absolute` and `is_directory` where a slash begins and
-- ends it.
function url.parse_path(path)
  path = in_letters(path) or ""
  local segments = {}
  for segment in path:gmatch("[^/]+") do segments[#segments + 1] = url.unescape(segment) end
  if path:sub(1, 1) == "/" then segments.is_absolute = 1 end
  if path:sub(-1) == "/" then segments.is_directory = 1 end
  return segments
end

-- The reverse; with `unsafe` the segments stay unescaped.
function url.build_path(segments, unsafe)
  local escaped = {}
  for i, segment in ipairs(segments) do escaped[i] = unsafe and segment or escape_segment(segment) end
  local path = concat(escaped, "/")
  if segments.is_directory and path ~= "" then path = path .. "/" end
  return segments.is_absolute and "/" .. path or path
end

-- A path without "." and "..", as RFC 3986 has it in 5.2.4; a relative path keeps the ".." that lead out of it.
local function without_dots(path)
  local absolute = path:sub(1, 1) == "/"
  local kept, last = {}, nil
  for segment in (path:sub(absolute and 2 or 1) .. "/"):gmatch("([^/]*)/") do
    last = segment
    if segment == ".." and kept[1] and kept[#kept] ~= ".." then
      kept[#kept] = nil
    elseif segment ~= "." and not (segment == ".." and absolute) then
      kept[#kept + 1] = segment
    end
  end
  local cleaned = concat(kept, "/")
  if last == "." or last == ".." then
    if kept[1] then
      cleaned = cleaned .. "/"
    elseif not absolute then
      cleaned = "./"
    end
  end
  return absolute and "/" .. cleaned or cleaned
end

-- Relative URLs ------------------------------------------------------------------------------------------------------

-- The path of a relative URL, seen from its base.
local function merge(base, path)
  if path:sub(1, 1) == "/" then return path end
  if not base.path then return (base.authority or base.host) and "/" .. path or path end
  return (base.path:match("^(.*/)[^/]*$") or "") .. path
end

-- Where a URL leads that was found at `base`, a URL or a table of its parts (RFC 3986, 5.2).
function url.resolve(base, relative)
  local written
  if type(base) ~= "table" then
    base = url.parse(base)
    written = base and base.authority
  end
  local parts = url.parse(relative)
  if not parts then return base and url.build(base) or "" end
  if not base then return relative end
  -- An authority that is text stays as it is, whatever it is made of.
  for _, name in ipairs(PLACE) do parts[name] = nil end
  if not parts.scheme then
    parts.scheme = base.scheme
    if not parts.authority then
      parts.authority = written or build_authority(base)
      if parts.path then
        parts.path = merge(base, parts.path)
      else
        parts.path = base.path
        if not parts.params then
          parts.params = base.params
          parts.query = parts.query or base.query
        end
      end
    end
  end
  -- A path that is no hierarchy is left alone.
  if parts.path and (parts.path:sub(1, 1) == "/" or not parts.scheme) then
    parts.path = without_dots(parts.path)
  end
  return url.build(parts)
end

-- As `resolve`; but a "/./" in the query or fragment of `relative` goes too: programs that were written against
-- LuaSocket know it so.
function url.absolute(base, relative)
  local head, tail = (in_letters(relative) or ""):match("^([^?#]*)(.*)$")
  return url.resolve(base, head .. (tail:gsub("/%./", "/")))
end

return url
