---@meta ltn12

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---Sources, sinks, filters, and the pumps that connect them.
---
---- A *source* is a function that gives a chunk at each call: a string. At its end it gives nil, when it fails nil and a
---  message.
---- A *sink* is a function that takes a chunk. At the end it gets nil, after a failure nil and a message. It gives true, or
---  nil and a message.
---- A *filter* is a function that takes a chunk and gives another. For `""` it gives what it still has, and `""` when it
---  has no more. For nil it comes to its end, and gives nil when nothing is left.
local M = {}

---The size of the chunks of `source.file` and `source.string`: 2048. It may be changed.
---@type integer
M.BLOCKSIZE = nil

---`LTN12 1.0.3`.
---@type string
M._VERSION = nil

---Filters.
M.filter = {}

---Makes a filter from a function that has no memory: `low(context, chunk, extra)` gives the result and the next context.
---Those of [mime](#module-mime) are made for it.
---@param low function
---@param context any what the first call gets
---@param extra? any
---@return function filter
function M.filter.cycle(low, context, extra) end

---Makes one filter of many, which the chunks go through in this order.
---@param filter function
---@param ... function
---@return function filter
function M.filter.chain(filter, ...) end

---Sources.
M.source = {}

---A source with nothing in it.
---@return function source
function M.source.empty() end

---A source that fails.
---@param message any
---@return function source
function M.source.error(message) end

---What is in a file, which it closes at the end. Takes the results of `io.open` as they are.
---@param handle file*?
---@param message? string why there is no file
---@return function source
function M.source.file(handle, message) end

---A string, in chunks of `ltn12.BLOCKSIZE`.
---@param text string?
---@return function source
function M.source.string(text) end

---The elements of a list.
---@param list string[]
---@return function source
function M.source.table(list) end

---One source after the other.
---@param ... function
---@return function source
function M.source.cat(...) end

---What a source gives, as the filters make it.
---@param source function
---@param filter function
---@param ... function
---@return function source
function M.source.chain(source, filter, ...) end

---A source that takes chunks back: `source(chunk)` returns one, which then comes out first.
---@param source function
---@return function source
function M.source.rewind(source) end

---Makes a source of a function that may give, as its second result, the function to go on with.
---@param source function
---@return function source
function M.source.simplify(source) end

---Sinks.
M.sink = {}

---A sink that throws all away.
---@return function sink
function M.sink.null() end

---A sink that fails.
---@param message any
---@return function sink
function M.sink.error(message) end

---Puts the chunks into a list. Gives the list, too: put parentheses around the call where it is a last argument.
---@param list? table a new one without it
---@return function sink
---@return table list
function M.sink.table(list) end

---Writes into a file, which it closes at the end. Takes the results of `io.open` as they are.
---@param handle file*?
---@param message? string why there is no file
---@return function sink
function M.sink.file(handle, message) end

---A sink that gets what the filters make of the chunks.
---@param filter function
---@param ... function the other filters, and the sink
---@return function sink
function M.sink.chain(filter, ...) end

---Makes a sink of a function that may give, as its second result, the function to go on with.
---@param sink function
---@return function sink
function M.sink.simplify(sink) end

---Pumps.
M.pump = {}

---Moves all chunks from the source to the sink, the end included.
---@param source function
---@param sink function
---@param step? function `pump.step` without it
---@return integer? done 1
---@return string? message
function M.pump.all(source, sink, step) end

---Moves one chunk.
---@param source function
---@param sink function
---@return integer? done 1; nil at the end and after a failure
---@return string? message
function M.pump.step(source, sink) end

return M
