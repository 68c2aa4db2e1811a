-- What every command of the ledger is made of. The hash formats are version 1 and are told again in backend/ledger/chain.py.

CREATE TYPE ledger_answer AS (outcome text, transaction_id uuid, amount bigint);

-- The digest of what a transaction says: its open half, which its holder may see and show, and its inner half, of which a
-- proof tells the digest only. Of the columns only the state changes later, and that is proven by its resolution.
CREATE FUNCTION ledger_digest(t journal_transaction) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256('\x677265656e2d6c65646765722f7472616e73616374696f6e2f310a'::bytea || sha256(convert_to(json_build_array(
        t.id, t.kind, t.amount, t.subject, t.facts::text, (extract(epoch FROM t.recorded_at) * 1000000)::bigint,
        to_char(t.effective_on, 'YYYY-MM-DD'), (extract(epoch FROM t.expires_at) * 1000000)::bigint,
        to_char(t.lot_expires_on, 'YYYY-MM-DD'), t.resolves_id, t.reverses_id
    )::text, 'UTF8')) || sha256(convert_to(json_build_array(
        t.key, encode(t.request_hash, 'hex'), t.actor, t.earned_by
    )::text, 'UTF8')))
$$;

-- The link of an account's chain that a posting is.
CREATE FUNCTION ledger_link(
    prev bytea, account_id bigint, seq bigint, amount bigint, pending_in bigint, pending_out bigint, digest bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256('\x677265656e2d6c65646765722f706f7374696e672f310a'::bytea || prev || int8send(account_id)
        || int8send(seq) || int8send(amount) || int8send(pending_in) || int8send(pending_out) || digest)
$$;

-- Where an account's chain begins: whose it is cannot be changed without breaking it.
CREATE FUNCTION ledger_genesis(
    asset text, owner text, purpose text, shard smallint, floor bigint, holds_lots boolean
) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256('\x677265656e2d6c65646765722f6163636f756e742f310a'::bytea
        || convert_to(json_build_array(asset, owner, purpose, shard, floor, holds_lots)::text, 'UTF8'))
$$;

-- What was answered to this key before; an outcome of NULL is "nothing yet".
CREATE FUNCTION ledger_seen(t journal_transaction) RETURNS ledger_answer LANGUAGE sql AS $$
    SELECT CASE WHEN request_hash = t.request_hash THEN 'same' ELSE 'reused' END, id, amount
    FROM journal_transaction WHERE key = t.key
$$;

CREATE FUNCTION ledger_account_id(
    p_asset text, p_owner text, p_purpose text, p_shard smallint, p_floor bigint, p_holds_lots boolean
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found_id bigint;
BEGIN
    SELECT id INTO found_id FROM ledger_account
    WHERE asset = p_asset AND owner = p_owner AND purpose = p_purpose AND shard = p_shard;
    IF found_id IS NULL THEN
        INSERT INTO ledger_account
            (asset, owner, purpose, shard, floor, holds_lots, posted, pending_in, pending_out, seq, head)
        VALUES (p_asset, p_owner, p_purpose, p_shard, p_floor, p_holds_lots, 0, 0, 0, 0,
            ledger_genesis(p_asset, p_owner, p_purpose, p_shard, p_floor, p_holds_lots))
        ON CONFLICT (asset, owner, purpose, shard) DO NOTHING;
        SELECT id INTO found_id FROM ledger_account
        WHERE asset = p_asset AND owner = p_owner AND purpose = p_purpose AND shard = p_shard;
    END IF;
    RETURN found_id;
END $$;

-- Locks account rows, always in the order of their ids: two commands never wait for each other.
CREATE FUNCTION ledger_lock(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM ledger_account WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
END $$;

-- Writes the transaction; NULL if its key came first from another connection.
CREATE FUNCTION ledger_begin(t journal_transaction) RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
    t.digest := ledger_digest(t);
    INSERT INTO journal_transaction SELECT t.* ON CONFLICT (key) DO NOTHING;
    RETURN CASE WHEN FOUND THEN t.digest END;
END $$;

-- Adds one posting to each account (locked by the caller) and moves its cached balances with it.
CREATE FUNCTION ledger_append(
    p_id uuid, p_digest bytea, p_accounts bigint[], p_amounts bigint[], p_in bigint[], p_out bigint[]
) RETURNS void LANGUAGE sql AS $$
    WITH leg AS (
        SELECT account_id, sum(amount)::bigint AS amount, sum(pending_in)::bigint AS pending_in,
            sum(pending_out)::bigint AS pending_out
        FROM unnest(p_accounts, p_amounts, p_in, p_out) AS one (account_id, amount, pending_in, pending_out)
        GROUP BY account_id
        HAVING sum(amount) <> 0 OR sum(pending_in) <> 0 OR sum(pending_out) <> 0
    ), link AS MATERIALIZED (
        SELECT leg.*, a.seq + 1 AS seq, a.head AS prev,
            ledger_link(a.head, a.id, a.seq + 1, leg.amount, leg.pending_in, leg.pending_out, p_digest) AS hash
        FROM leg JOIN ledger_account a ON a.id = leg.account_id
    ), moved AS (
        UPDATE ledger_account a
        SET posted = a.posted + link.amount, pending_in = a.pending_in + link.pending_in,
            pending_out = a.pending_out + link.pending_out, seq = link.seq, head = link.hash
        FROM link WHERE a.id = link.account_id
    )
    INSERT INTO posting (account_id, seq, transaction_id, amount, pending_in, pending_out, prev_hash, hash)
    SELECT account_id, seq, p_id, amount, pending_in, pending_out, prev, hash FROM link
$$;

-- The database's own word that nothing comes from nowhere.
CREATE FUNCTION posting_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added JOIN ledger_account a ON a.id = added.account_id GROUP BY added.transaction_id, a.asset
        HAVING sum(added.amount) <> 0 OR sum(added.pending_in) <> sum(added.pending_out)
    ) THEN
        RAISE EXCEPTION 'the postings of a transaction do not balance' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
