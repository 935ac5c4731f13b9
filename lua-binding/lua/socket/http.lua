-- socket.http: requests over HTTP/1.1 (RFC 9110, 9112), and over whatever `create` connects to.
--
-- What can fail in the middle of an exchange goes through the connection's `try`, which closes it and raises; `protect`
-- makes nil and a message of that at the outermost place. So it does of what `create` raises by socket.try.
local socket = require "socket"
local url = require "socket.url"
local ltn12 = require "ltn12"
local mime = require "mime"
local connection = require "socket.http.connection"
local pools = require "socket.http.pool"

local assert, ipairs, pairs, require, tonumber, tostring, type =
  assert, ipairs, pairs, require, tonumber, tostring, type
local concat = table.concat
local try = socket.newtry()

local http = { TIMEOUT = 60, USERAGENT = socket._VERSION, pool = pools.new }
socket.http = http

-- How requests of each scheme reach their server: the port, and `create(request)`, which gives the function that makes the
-- objects to connect.
http.schemes = {
  http = { port = 80, create = function() return socket.tcp end },
  https = {
    port = 443,
    create = function(request)
      local https = assert(require "ssl.https", "https needs LuaSec")
      return https.tcp(request)
    end,
  },
}

local PROXY_PORT = 3128
local REDIRECTS_MAX = 5
-- The body of a redirect that is worth being read, so that its connection can be kept.
local DRAINED_MAX = 65536

-- A connection to a server, with the methods of socket.http.connection.
function http.open(host, port, create)
  local opened = connection.new(try((create or socket.tcp)()))
  opened.try(opened.c:settimeout(http.TIMEOUT))
  opened.try(opened.c:connect(host, port))
  return opened
end

-- The request ---------------------------------------------------------------------------------------------------------

local function percent(byte)
  return ("%%%02X"):format(byte:byte())
end

-- What the request line names: the resource, or for a proxy the whole URL without what is not the proxy's business.
local function target(request)
  local parts = { path = request.path, params = request.params, query = request.query }
  if request.through then
    parts.scheme, parts.host, parts.port = request.scheme, request.host, request.port
  end
  return url.build(parts)
end

local function credentials(user, password)
  return "Basic " .. mime.b64(url.unescape(user) .. ":" .. url.unescape(password))
end

-- The header fields: those that every request has, and the request's own, which count more.
local function fields(request)
  local all = { ["user-agent"] = http.USERAGENT, host = request.host }
  if request.host:find(":", 1, true) then all.host = "[" .. request.host .. "]" end
  if request.port ~= http.schemes[request.scheme].port then all.host = all.host .. ":" .. request.port end
  if request.pool then
    all.connection = "keep-alive"
  else
    all.connection, all.te = "close, TE", "trailers"
  end
  if request.user and request.password then all.authorization = credentials(request.user, request.password) end
  local proxy = request.through
  if proxy and proxy.user and proxy.password then
    all["proxy-authorization"] = credentials(proxy.user, proxy.password)
  end
  for name, value in pairs(request.headers or {}) do all[name:lower()] = value end
  if not (all["content-length"] or all["transfer-encoding"]) then
    if request.source then
      all["transfer-encoding"] = "chunked"
    elseif request.method == "POST" or request.method == "PUT" then
      all["content-length"] = 0
    end
  end
  return all
end

-- The proxy's parts, if there is to be one.
local function proxy_of(request)
  local proxy = request.proxy or http.PROXY
  if not proxy then return nil end
  if request.scheme == "https" then return try(nil, "https through a proxy is not supported") end
  local parts = url.parse(proxy, { port = PROXY_PORT })
  return parts and parts.host and parts or try(nil, "invalid proxy '" .. proxy .. "'")
end

-- A request with nothing left open, from the one that the program made, which stays as it is.
local function completed(given)
  local request = { path = "/", scheme = "http" }
  if given.url then request = try(url.parse(given.url, request)) end
  for name, value in pairs(given) do request[name] = value end
  request.scheme = request.scheme:lower()
  local known = http.schemes[request.scheme]
  if not known then return try(nil, "unknown scheme '" .. request.scheme .. "'") end
  if type(request.host) ~= "string" or request.host == "" then
    return try(nil, "invalid host '" .. tostring(request.host) .. "'")
  end
  if not request.port or request.port == "" then
    request.port = request.scheme == "http" and http.PORT or known.port
  end
  request.port = tonumber(request.port) or request.port
  request.method = request.method or "GET"
  request.through = proxy_of(request)
  -- Nothing in it may end the line, or look like its end.
  local uri = request.uri or target(request)
  request.uri = uri:find("[^!-~]") and uri:gsub("[%z\1-\32\127-\255]", percent) or uri
  request.fields = fields(request)
  return request
end

-- Redirects -----------------------------------------------------------------------------------------------------------

local REDIRECTING = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

-- Where the answer sends the request, whole and in parts, if it is to be followed. One that has a source is not: that is
-- used up.
local function redirection(request, code, answered)
  local location = answered.location
  if request.redirect == false or request.source or not REDIRECTING[code] then return nil end
  if not location or location == "" then return nil end
  if request.method ~= "GET" and request.method ~= "HEAD" then return nil end
  local most = request.maxredirects
  if most ~= false and (request.nredirects or 0) >= (most or REDIRECTS_MAX) then return nil end
  local whole = url.resolve({
    scheme = request.scheme, user = request.user, password = request.password, host = request.host,
    port = request.port, path = request.path, params = request.params, query = request.query,
  }, location)
  local parts = url.parse(whole)
  local scheme = (parts.scheme or ""):lower()
  if not http.schemes[scheme] then return nil end
  -- What was asked for in confidence is not asked for in the open; and `create` is made for one scheme.
  if scheme ~= request.scheme and (request.scheme == "https" or request.create) then return nil end
  parts.scheme, parts.port = scheme, tonumber(parts.port) or http.schemes[scheme].port
  return whole, parts
end

-- What says where the first request went.
local LEADING = {
  "authority", "fragment", "host", "params", "password", "path", "port", "query", "scheme", "uri", "user", "userinfo",
}
-- What only the first server may know, or is about.
local PRIVATE = { authorization = true, cookie = true, host = true }

-- The request that follows it.
local function redirected(given, request, whole, parts)
  local follow, headers = {}, {}
  for name, value in pairs(given) do follow[name] = value end
  for _, name in ipairs(LEADING) do follow[name] = nil end
  local same = parts.scheme == request.scheme and parts.port == request.port
    and parts.host and parts.host:lower() == request.host:lower()
  for name, value in pairs(given.headers or {}) do
    if same or not PRIVATE[name:lower()] then headers[name] = value end
  end
  follow.url, follow.method, follow.headers = whole, request.method, headers
  follow.nredirects = (given.nredirects or 0) + 1
  return follow
end

-- The exchange --------------------------------------------------------------------------------------------------------

-- Sends the request and receives the head of the final answer: its code, header fields and status line. Without the
-- code it is the beginning of an answer in HTTP/0.9, which has no head.
local function exchange(request, opened)
  opened:sendrequest(request.method, request.uri, request.fields)
  if request.source then opened:sendbody(request.fields, request.source, request.step) end
  while true do
    local code, status = opened:receivestatusline()
    if not code then return { status = status } end
    local answered = opened:receiveheaders()
    if code < 100 or code > 199 or code == 101 then return { code = code, headers = answered, status = status } end
  end
end

local attempt = socket.protect(exchange)

local function connect(request)
  local through = request.through or request
  local create = request.create or http.schemes[request.scheme].create(request)
  return http.open(through.host, through.port, create)
end

-- May it be sent again when a kept connection turns out to be closed?
local REPEATABLE = { GET = true, HEAD = true, OPTIONS = true, TRACE = true, PUT = true, DELETE = true }

-- A connection, new or kept, and the answer that came over it.
local function answer(request)
  local kept = request.pool and request.pool:take(request)
  if kept and REPEATABLE[request.method] and not request.source then
    local head, problem = attempt(request, kept)
    if head or kept.answered then return kept, try(head, problem) end
    kept = nil
  end
  local opened = kept or connect(request)
  return opened, exchange(request, opened)
end

-- Keeps the connection, if that was wanted and nothing speaks against it.
local function finish(request, opened, answered)
  if request.pool and opened:can_stay(request.fields, answered) then
    request.pool:put(request, opened)
  else
    opened:close()
  end
end

-- Is there a body after the head?
local function has_body(request, code)
  return request.method ~= "HEAD" and code >= 200 and code ~= 204 and code ~= 304
end

local perform

local function follow(given, request, opened, head, whole, parts)
  local length = tonumber(head.headers["content-length"])
  if request.pool and (not has_body(request, head.code) or length and length <= DRAINED_MAX) then
    if has_body(request, head.code) then opened:receivebody(head.headers, ltn12.sink.null()) end
    finish(request, opened, head.headers)
  else
    opened:close()
  end
  local done, code, answered, status = perform(redirected(given, request, whole, parts))
  answered = answered or {}
  answered.location = answered.location or head.headers.location
  return done, code, answered, status
end

function perform(given)
  local request = completed(given)
  local opened, head = answer(request)
  local sink = request.sink or ltn12.sink.null()
  if not head.code then
    opened:receive09body(head.status, sink, request.step)
    opened:close()
    return 1, 200
  end
  local whole, parts = redirection(request, head.code, head.headers)
  if whole then return follow(given, request, opened, head, whole, parts) end
  if has_body(request, head.code) then opened:receivebody(head.headers, sink, request.step) end
  finish(request, opened, head.headers)
  return 1, head.code, head.headers, head.status
end

-- The table form of a request in the string form: its body, if there is one, is a form's. The answer's body goes to the
-- list `target`.
function http.genericform(address, body)
  local list = {}
  local request = { url = address, sink = ltn12.sink.table(list), target = list }
  if body then
    request.source = ltn12.source.string(body)
    request.headers = { ["content-length"] = string.len(body), ["content-type"] = "application/x-www-form-urlencoded" }
    request.method = "POST"
  end
  return request
end

-- request(url [, body]) gives the answer's body, its code, header fields and status line; request{ url = ... } gives 1 in
-- place of the body, which goes to the sink.
http.request = socket.protect(function(request, body)
  if type(request) ~= "string" then return perform(request) end
  local form = http.genericform(request, body)
  local _, code, headers, status = perform(form)
  return concat(form.target), code, headers, status
end)

return http
