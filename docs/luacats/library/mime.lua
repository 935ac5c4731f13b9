---@meta mime

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---Encodings and line ends as filters, and the functions below them, which are `mime.core`. `require "mime.core"` gives the
---same table without `decode`, `encode`, `normalize`, `stuff`, `wrap` and the tables that they choose from.
---
---The low functions take what an earlier call has left, and a chunk; nil for the chunk ends the text.
local M = {}

---A filter that encodes.
---@param name "base64"|"quoted-printable"
---@param mode? "binary"|"text" for quoted-printable: in binary data line ends are bytes like others
---@return function filter
function M.encode(name, mode) end

---A filter that decodes.
---@param name "base64"|"quoted-printable"
---@return function filter
function M.decode(name) end

---A filter that breaks lines.
---@param name? "text"|"base64"|"quoted-printable" `"text"` without it
---@param length? integer 76 without it; for quoted-printable 4 at least
---@return function filter
function M.wrap(name, length) end

---A filter that makes all line ends alike, whether they were CR, LF or CRLF.
---@param marker? string CRLF without it
---@return function filter
function M.normalize(marker) end

---A filter that doubles a dot at the start of a line, as SMTP wants it.
---@return function filter
function M.stuff() end

---Encodes `held .. chunk` in base64 as far as it goes in threes. Without a chunk it encodes `held` to its end.
---@param held string?
---@param chunk? string
---@return string? encoded
---@return string? held what is left for the next call
function M.b64(held, chunk) end

---Decodes base64. What is no letter of the code is left out.
---@param held string?
---@param chunk? string
---@return string? decoded
---@return string? held what is left for the next call
function M.unb64(held, chunk) end

---Encodes in quoted-printable.
---@param held string?
---@param chunk? string
---@param marker? string what a line end becomes; CRLF without it
---@return string? encoded
---@return string? held what is left for the next call
function M.qp(held, chunk, marker) end

---Decodes quoted-printable.
---@param held string?
---@param chunk? string
---@return string? decoded
---@return string? held what is left for the next call
function M.unqp(held, chunk) end

---Breaks lines.
---@param left integer how many bytes still go into this line
---@param chunk? string
---@param length? integer 76 without it
---@return string? wrapped
---@return integer left
function M.wrp(left, chunk, length) end

---Breaks lines of quoted-printable, where that does not change the text.
---@param left integer how many bytes still go into this line
---@param chunk? string
---@param length? integer 76 without it
---@return string? wrapped
---@return integer left
function M.qpwrp(left, chunk, length) end

---Makes line ends alike.
---@param last integer the last byte of what came before, where it may be the first half of a line end; else 0
---@param chunk? string
---@param marker? string CRLF without it
---@return string? text
---@return integer last
function M.eol(last, chunk, marker) end

---Doubles dots at the start of lines.
---@param seen integer how many bytes of a CRLF came before; 2 at the very start
---@param chunk? string
---@return string? text
---@return integer seen
function M.dot(seen, chunk) end

---The tables that `encode`, `decode` and `wrap` choose from. Entries may be added.
---@type table<string,function>
M.encodet = nil

---@type table<string,function>
M.decodet = nil

---@type table<string,function>
M.wrapt = nil

---`MIME 1.0.3`.
---@type string
M._VERSION = nil

return M
