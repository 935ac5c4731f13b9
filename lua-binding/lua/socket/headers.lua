-- socket.headers: how the names of header fields are usually written.
local socket = require "socket"

local pairs, tostring, type = pairs, tostring, type
local find = string.find
local concat, sort = table.concat, table.sort

local canonic = {}
local headers = { canonic = canonic }
socket.headers = headers

-- HTTP (RFC 9110 and its kin), mail (RFC 5322), MIME (RFC 2045, 2183) and delivery reports (RFC 3464, 3798).
local NAMES = [[
  Accept Accept-Charset Accept-Encoding Accept-Language Accept-Ranges Access-Control-Allow-Credentials
  Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Max-Age
  Access-Control-Request-Headers Access-Control-Request-Method Action Age Allow Alternate-Recipient Alt-Svc Arrival-Date
  Authentication-Info Authorization Auto-Submitted Bcc Cache-Control Cc Comments Connection Content-Description
  Content-Disposition Content-Encoding Content-ID Content-Language Content-Length Content-Location Content-MD5
  Content-Range Content-Transfer-Encoding Content-Type Cookie Date Diagnostic-Code DKIM-Signature DSN-Gateway ETag
  Expect Expires Final-Log-ID Final-Recipient Forwarded From Host If-Match If-Modified-Since If-None-Match If-Range
  If-Unmodified-Since In-Reply-To Keep-Alive Keywords Last-Attempt-Date Last-Modified Link List-ID List-Unsubscribe
  Location Max-Forwards Message-ID MIME-Version Origin Original-Envelope-ID Original-Recipient Pragma
  Proxy-Authenticate Proxy-Authentication-Info Proxy-Authorization Range Received Received-From-MTA References Referer
  Remote-MTA Reply-To Reporting-MTA Resent-Bcc Resent-Cc Resent-Date Resent-From Resent-Message-ID Resent-Reply-To
  Resent-Sender Resent-To Retry-After Return-Path Sender Server Set-Cookie SMTP-Remote-Recipient Status
  Strict-Transport-Security Subject TE To Trailer Transfer-Encoding Upgrade User-Agent Vary Via Warning
  Will-Retry-Until WWW-Authenticate X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Mailer X-Requested-With
]]

for name in NAMES:gmatch("%S+") do canonic[name:lower()] = name end

--- The lines of these fields, in the order of their names, and the empty one after them. Names that are not usual have to
-- fit a pattern, and no line may end where `breaks` finds a place.
function headers.text(fields, allowed, breaks)
  local names, lines = {}, {}
  for name in pairs(fields) do names[#names + 1] = name end
  sort(names)
  for i = 1, #names do
    local name = names[i]
    local written, value = canonic[name], fields[name]
    if not (written or find(name, allowed)) then return nil, "invalid header field '" .. name .. "'" end
    if type(value) ~= "string" then value = tostring(value) end
    lines[i] = (written or name) .. ": " .. value
  end
  -- Most have no line break at all, which plain text shows faster than a pattern, and for all of them at once.
  local text = concat(lines)
  if find(text, "\r", 1, true) or find(text, "\n", 1, true) or find(text, "\0", 1, true) then
    for i = 1, #names do
      if breaks(lines[i]) then return nil, "invalid header field '" .. names[i] .. "'" end
    end
  end
  lines[#lines + 1], lines[#lines + 2] = "", ""
  return concat(lines, "\r\n")
end

return headers
