---@meta socket.smtp

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---Mail: made and delivered.
local M = {}

---Delivers a message.
---
---Errors: "connection refused", "authentication not supported"
---@param mail socket.smtp.mail
---@return integer? done 1
---@return string? message
function M.send(mail) end

---A source of a message. A body that is a list makes a message of many parts.
---@param message socket.smtp.message
---@return function source
function M.message(message) end

---A session, for those who want to send the commands by themselves: see [its methods](#class-socketsmtpsession). It
---raises as `try` does.
---@param server? string
---@param port? integer
---@param create? fun():socket.tcp?
---@return socket.smtp.session session
function M.open(server, port, create) end

---Seconds for each wait: 60. It may be changed, as all below.
---@type number
M.TIMEOUT = nil

---`localhost`.
---@type string
M.SERVER = nil

---25.
---@type integer
M.PORT = nil

---What we call ourselves: the environment's `SERVER_NAME`, or `localhost`.
---@type string
M.DOMAIN = nil

---The time zone in dates: `-0000`.
---@type string
M.ZONE = nil

---@class socket.smtp.mail
---@field from string in angle brackets
---@field rcpt string|string[] in angle brackets
---@field source function an LTN12 source of the message
---@field user? string
---@field password? string
---@field server? string
---@field port? integer
---@field domain? string
---@field step? function
---@field create? fun():socket.tcp?

---@class socket.smtp.message
---@field headers table<string,string>
---@field body string|function|table a text, a source, or a list of messages with `preamble` and `epilogue`

---What `smtp.open` gives. Its methods raise as `try` does, and give the reply.
---@class socket.smtp.session
local session = {}

---Receives the greeting and says EHLO.
---@param domain? string
---@return string reply what the server can do
function session:greet(domain) end

---Says who we are, in the way that is offered.
---@param user string?
---@param password string?
---@param offered string what `greet` gave
function session:auth(user, password, offered) end

---AUTH LOGIN.
---@param user string
---@param password string
function session:login(user, password) end

---AUTH PLAIN.
---@param user string
---@param password string
function session:plain(user, password) end

---MAIL FROM.
---@param from string
function session:mail(from) end

---RCPT TO.
---@param to string
function session:rcpt(to) end

---DATA, and the message.
---@param source function
---@param step? function
function session:data(source, step) end

---The envelope and the message.
---@param mail socket.smtp.mail
function session:send(mail) end

---QUIT.
function session:quit() end

---Closes it.
---@return integer done 1
function session:close() end

return M
