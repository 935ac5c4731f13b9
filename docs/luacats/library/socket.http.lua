---@meta socket.http

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---HTTP/1.1. `https` needs LuaSec, whose `ssl.https` it asks. Requiring it also sets `socket.http`.
local M = {}

---Makes a request. With a URL it is a GET, or with a body a POST of a form, and the body of the answer is the first result.
---With a table the first result is 1, and the body goes to the table's sink.
---
---The status is no error: a page that is not found is a result, too. Redirects of GET and HEAD are followed,
---unless a source was used up for the request.
---
---Errors: "timeout", "closed", "connection refused"
---@param request string|socket.http.request
---@param body? string for a URL: the form to send
---@return string|integer|nil body or 1
---@return integer|string code of the answer, or the message
---@return table<string,string>? headers their names in lower case
---@return string? status the status line
function M.request(request, body) end

---A connection, for those who want to send the parts of a request by themselves: see
---[its methods](#class-sockethttpconnection). It raises as `try` does.
---@param host string
---@param port integer
---@param create? fun():socket.tcp? makes the object to connect; `socket.tcp` without it
---@return socket.http.connection connection
function M.open(host, port, create) end

---The table that `request` makes of a URL. Its sink fills the list `target`.
---@param url string
---@param body? string
---@return socket.http.request request
function M.genericform(url, body) end

---Keeps connections open between requests that name it: `request { url = …, pool = pool }`.
---@param options? {size:integer,seconds:number} how many for one server, 8; how long they are kept, 30
---@return socket.http.pool pool
function M.pool(options) end

---Seconds for each wait: 60. It may be changed.
---@type number
M.TIMEOUT = nil

---What it says of itself: `socket._VERSION`. It may be changed.
---@type string
M.USERAGENT = nil

---How requests of each scheme reach their server: `schemes.http`, `schemes.https`, each with `port` and `create(request)`.
---@type table
M.schemes = nil

---The port of `http` where a request names none. Not set.
---@type integer?
M.PORT = nil

---The URL of a proxy for all requests. Not set.
---@type string?
M.PROXY = nil

---@class socket.http.request
---@field url string or its parts `scheme`, `user`, `password`, `host`, `port`, `path`, `params`, `query`
---@field method? string GET without it
---@field headers? table<string,string|integer>
---@field source? function an LTN12 source of the body to send. Without a `content-length` it is sent in chunks
---@field sink? function an LTN12 sink for the body of the answer
---@field step? function the pump's step
---@field proxy? string the URL of a proxy
---@field redirect? boolean false: follow none
---@field maxredirects? integer|false 5 without it
---@field create? fun():socket.tcp? makes the object to connect
---@field pool? socket.http.pool

---What `http.open` gives. Its field `c` is the client, `try` closes it when something fails. Its methods raise as `try` does.
---@class socket.http.connection
local h = {}

---Sends the first line.
---@param method string
---@param uri string
---@return integer sent
function h:sendrequestline(method, uri) end

---Sends the header fields and the empty line.
---@param fields table<string,string|integer>
---@return integer done 1
function h:sendheaders(fields) end

---Sends both in one piece.
---@param method string
---@param uri string
---@param fields table<string,string|integer>
---@return integer sent
function h:sendrequest(method, uri, fields) end

---Sends a body, in chunks unless the fields have a `content-length`.
---@param fields table<string,string|integer>
---@param source function
---@param step? function
---@return integer done 1
function h:sendbody(fields, source, step) end

---Receives the status line.
---@return integer? code nil for an answer without a head, in HTTP/0.9
---@return string status or the first bytes of the answer
function h:receivestatusline() end

---Receives header fields up to the empty line.
---@return table<string,string> fields
function h:receiveheaders() end

---Receives a body, whose end the fields tell.
---@param fields table<string,string>
---@param sink function
---@param step? function
---@return integer done 1
function h:receivebody(fields, sink, step) end

---Receives an answer without a head, whose first bytes are known.
---@param start string
---@param sink function
---@param step? function
---@return integer done 1
function h:receive09body(start, sink, step) end

---May another request follow, now that the answer has been read?
---@param asked table<string,string> the fields that were sent
---@param fields table<string,string> those that came
---@return boolean answer
function h:can_stay(asked, fields) end

---Closes the connection.
---@return integer done 1
function h:close() end

---What `http.pool` gives.
---@class socket.http.pool
local pool = {}

---A connection that is kept for such a request, and still good.
---@param request socket.http.request
---@return socket.http.connection? connection
function pool:take(request) end

---Keeps a connection.
---@param request socket.http.request
---@param connection socket.http.connection
function pool:put(request, connection) end

---Closes all that are kept. The pool can be used on.
function pool:close() end

return M
