-- mime: encodings and line ends as ltn12 filters, on any mime.core.
local mime = require "mime.core"
local filter = require("ltn12").filter

local error, tostring, type = error, tostring, type
local max = math.max

-- A function that passes its call on to the entry of a table that its first argument names.
local function choose(choices)
  return function(name, a, b)
    if type(name) ~= "string" then name, a, b = "default", name, a end
    local chosen = choices[name]
    if not chosen then error("unknown key (" .. tostring(name) .. ")", 3) end
    return chosen(a, b)
  end
end

local encoders, decoders, wrappers = {}, {}, {}
mime.encodet, mime.decodet, mime.wrapt = encoders, decoders, wrappers

function encoders.base64()
  return filter.cycle(mime.b64, "")
end

-- In "binary" data line ends are bytes like others; text has its own.
encoders["quoted-printable"] = function(mode)
  return filter.cycle(mime.qp, "", mode == "binary" and "=0D=0A" or "\r\n")
end

function decoders.base64()
  return filter.cycle(mime.unb64, "")
end

decoders["quoted-printable"] = function()
  return filter.cycle(mime.unqp, "")
end

-- Lines of at most `length` characters, 76 where none is named.
function wrappers.text(length)
  length = length or 76
  return filter.cycle(mime.wrp, length, length)
end
wrappers.base64 = wrappers.text
wrappers.default = wrappers.text

-- A quoted byte and the sign that the line goes on are four characters: on a shorter line the byte would be torn.
wrappers["quoted-printable"] = function(length)
  length = max(length or 76, 4)
  return filter.cycle(mime.qpwrp, length, length)
end

mime.encode = choose(encoders)
mime.decode = choose(decoders)
mime.wrap = choose(wrappers)

-- All line ends, however they were written, become `marker` (CRLF).
function mime.normalize(marker)
  return filter.cycle(mime.eol, 0, marker)
end

-- A dot at the start of a line becomes two, as SMTP wants it.
function mime.stuff()
  return filter.cycle(mime.dot, 2)
end

return mime
