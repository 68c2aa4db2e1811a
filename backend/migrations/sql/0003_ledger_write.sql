-- Issue, grant, spend, move and hold: amounts go from one account to another, with what is pending counted apart.
-- p_accounts in the order of their names, which is the order in which missing ones are made;
-- p_moves as [source, target, amount] by places in p_accounts, an amount of null being everything.

CREATE FUNCTION ledger_moves(p_moves jsonb) RETURNS TABLE (source int, target int, amount bigint) LANGUAGE sql IMMUTABLE AS $$
    SELECT (one ->> 0)::int + 1, (one ->> 1)::int + 1, (one ->> 2)::bigint FROM jsonb_array_elements(p_moves) AS one
$$;

-- Whether the key's own row of a spread account holds too little; NULL if nothing is taken from a spread account.
CREATE FUNCTION ledger_short(p_ids bigint[], p_drawn boolean[], p_moves jsonb) RETURNS boolean LANGUAGE sql AS $$
    SELECT bool_or(a.posted - a.pending_out < m.amount)
    FROM ledger_moves(p_moves) m JOIN ledger_account a ON a.id = p_ids[m.source]
    WHERE p_drawn[m.source]
$$;

-- Locks what the command touches. Usually that is one row of a spread account; when its last units drain, all of them,
-- and because locks are taken in one order only, those already held are let go first.
CREATE FUNCTION ledger_lock_spread(p_ids bigint[], p_extra bigint, p_drawn boolean[], p_moves jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    is_short boolean := ledger_short(p_ids, p_drawn, p_moves);
BEGIN
    IF NOT is_short THEN
        BEGIN
            PERFORM ledger_lock(p_ids || p_extra);
            IF NOT ledger_short(p_ids, p_drawn, p_moves) THEN
                RETURN false;
            END IF;
            RAISE SQLSTATE 'GL001';
        EXCEPTION WHEN SQLSTATE 'GL001' THEN
            NULL;
        END;
    END IF;
    PERFORM ledger_lock(p_ids || p_extra || ARRAY(
        SELECT other.id FROM ledger_account a
        JOIN ledger_account other USING (asset, owner, purpose)
        WHERE a.id = ANY (p_ids) AND p_drawn[array_position(p_ids, a.id)]
    ));
    RETURN true;
END $$;

CREATE FUNCTION ledger_write(p_head jsonb, p_accounts jsonb, p_moves jsonb) RETURNS ledger_answer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    t journal_transaction := jsonb_populate_record(NULL::journal_transaction, p_head);
    answer ledger_answer := ledger_seen(t);
    is_pending boolean := t.expires_at IS NOT NULL;
    is_wide boolean := false;
    account record;
    m record;
    part record;
    ids bigint[] := '{}';
    drawn boolean[] := '{}';
    holds boolean[] := '{}';
    floored boolean[] := '{}';
    debt_id bigint;
    repaid bigint := 0;
    got bigint;
    lot_ids bigint[];
    takes bigint[];
    lot_to bigint;
    lot_amount bigint := 0;
    fund text;
    leg_ids bigint[] := '{}';
    amounts bigint[] := '{}';
    ins bigint[] := '{}';
    outs bigint[] := '{}';
BEGIN
    IF answer.outcome IS NOT NULL THEN
        RETURN answer;
    ELSIF t.expires_at <= t.recorded_at THEN
        RETURN ('late', NULL, NULL)::ledger_answer;
    ELSIF t.lot_expires_on < t.effective_on THEN
        RETURN ('invalid', NULL, NULL)::ledger_answer;
    END IF;
    FOR account IN SELECT * FROM jsonb_to_recordset(p_accounts)
        AS one (asset text, owner text, purpose text, shard smallint, floor bigint, lots boolean, drawn boolean, debtor boolean)
    LOOP
        ids := ids || ledger_account_id(
            account.asset, account.owner, account.purpose, account.shard, account.floor, account.lots);
        drawn := drawn || account.drawn;
        holds := holds || account.lots;
        floored := floored || (account.floor IS NOT NULL);
        IF account.debtor AND NOT is_pending THEN
            SELECT id INTO debt_id FROM ledger_account
            WHERE asset = account.asset AND owner = account.owner AND purpose = 'receivable' AND shard = 0;
        END IF;
    END LOOP;
    IF true = ANY (drawn) THEN
        is_wide := ledger_lock_spread(ids, debt_id, drawn, p_moves);
    ELSE
        PERFORM ledger_lock(ids || debt_id);
    END IF;

    FOR m IN SELECT * FROM ledger_moves(p_moves) LOOP
        got := m.amount;
        IF holds[m.source] THEN
            -- Read in the order of the index and no farther than needed: a resident has hundreds of lots.
            got := 0;
            FOR part IN
                SELECT id, remaining - held AS free FROM lot
                WHERE account_id = ids[m.source] AND is_open AND expires_on >= t.effective_on AND remaining > held
                    AND (t.earned_by IS NULL OR earned_by = t.earned_by)
                ORDER BY expires_on, id
            LOOP
                EXIT WHEN got = m.amount;
                lot_ids := lot_ids || part.id;
                takes := takes || least(part.free, m.amount - got);
                got := got + least(part.free, m.amount - got);
            END LOOP;
            IF got < m.amount THEN
                RETURN ('short', NULL, got)::ledger_answer;
            ELSIF got = 0 THEN
                RETURN ('nothing', NULL, 0)::ledger_answer;
            END IF;
            t.amount := coalesce(t.amount, got);
        END IF;
        IF is_wide AND drawn[m.source] THEN
            got := 0;
            FOR part IN
                SELECT id, least(free, m.amount - (sum(free) OVER place - free))::bigint AS take
                FROM (
                    SELECT other.id, other.posted - other.pending_out AS free, other.shard, a.shard AS own
                    FROM ledger_account a JOIN ledger_account other USING (asset, owner, purpose)
                    WHERE a.id = ids[m.source]
                ) AS rows
                WINDOW place AS (ORDER BY shard < own, shard)
            LOOP
                IF part.take > 0 THEN
                    got := got + part.take;
                    leg_ids := leg_ids || part.id;
                    amounts := amounts || CASE WHEN is_pending THEN 0 ELSE -part.take END;
                    ins := ins || 0::bigint;
                    outs := outs || CASE WHEN is_pending THEN part.take ELSE 0 END;
                END IF;
            END LOOP;
            IF got < m.amount THEN
                RETURN ('short', NULL, got)::ledger_answer;
            END IF;
        ELSE
            IF floored[m.source] AND NOT holds[m.source] AND NOT drawn[m.source] THEN
                SELECT posted - pending_out INTO got FROM ledger_account WHERE id = ids[m.source];
                IF got < m.amount THEN
                    RETURN ('short', NULL, got)::ledger_answer;
                END IF;
                got := m.amount;
            END IF;
            leg_ids := leg_ids || ids[m.source];
            amounts := amounts || CASE WHEN is_pending THEN 0 ELSE -got END;
            ins := ins || 0::bigint;
            outs := outs || CASE WHEN is_pending THEN got ELSE 0 END;
        END IF;
        IF holds[m.target] AND NOT is_pending THEN
            lot_to := ids[m.target];
            lot_amount := got;
            IF debt_id IS NOT NULL THEN
                SELECT least(got, -posted) INTO repaid FROM ledger_account WHERE id = debt_id;
                lot_amount := got - repaid;
                leg_ids := leg_ids || debt_id;
                amounts := amounts || repaid;
                ins := ins || 0::bigint;
                outs := outs || 0::bigint;
            END IF;
            SELECT owner INTO fund FROM ledger_account WHERE id = ids[m.source];
        END IF;
        leg_ids := leg_ids || ids[m.target];
        amounts := amounts || CASE WHEN is_pending THEN 0 ELSE got - CASE WHEN holds[m.target] THEN repaid ELSE 0 END END;
        ins := ins || CASE WHEN is_pending THEN got ELSE 0 END;
        outs := outs || 0::bigint;
    END LOOP;

    t.digest := ledger_begin(t);
    IF t.digest IS NULL THEN
        RETURN ledger_seen(t);
    END IF;
    IF lot_ids IS NOT NULL THEN
        UPDATE lot SET
            remaining = remaining - CASE WHEN is_pending THEN 0 ELSE take END,
            held = held + CASE WHEN is_pending THEN take ELSE 0 END,
            is_open = remaining - CASE WHEN is_pending THEN 0 ELSE take END > 0
        FROM unnest(lot_ids, takes) AS one (lot_id, take) WHERE id = one.lot_id;
        INSERT INTO lot_allocation (transaction_id, lot_id, consumed, held)
        SELECT t.id, lot_id, CASE WHEN is_pending THEN 0 ELSE take END, CASE WHEN is_pending THEN take ELSE 0 END
        FROM unnest(lot_ids, takes) AS one (lot_id, take);
        IF lot_to IS NOT NULL THEN
            INSERT INTO lot
                (account_id, transaction_id, parent_id, amount, remaining, held, is_open, earned_by, programme, expires_on)
            SELECT lot_to, t.id, lot.id, take, take, 0, true, earned_by, programme, expires_on
            FROM lot JOIN unnest(lot_ids, takes) AS one (lot_id, take) ON lot.id = one.lot_id ORDER BY lot.id;
        END IF;
    ELSIF lot_amount > 0 THEN
        INSERT INTO lot (account_id, transaction_id, amount, remaining, held, is_open, earned_by, programme, expires_on)
        SELECT lot_to, t.id, lot_amount, lot_amount, 0, true, coalesce(t.earned_by, owner), fund, t.lot_expires_on
        FROM ledger_account WHERE id = lot_to;
    END IF;
    PERFORM ledger_append(t.id, t.digest, leg_ids, amounts, ins, outs);
    RETURN ('new', t.id, t.amount)::ledger_answer;
END $$;
