-- Corrections: a reversal is exact or refused, a clawback takes what is left and notes the rest as owed.

-- Locks the transaction to be taken back and says why it cannot be, if it cannot.
CREATE FUNCTION ledger_takes_back(t journal_transaction, INOUT o journal_transaction, OUT answer ledger_answer)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT * INTO o FROM journal_transaction WHERE id = t.reverses_id FOR NO KEY UPDATE;
    answer := ledger_seen(t);
    IF answer.outcome IS NULL THEN
        answer.outcome := CASE
            WHEN o.id IS NULL THEN 'unknown'
            WHEN o.kind NOT IN ('issue', 'grant', 'spend', 'move') OR o.state <> 'posted' THEN 'final'
            WHEN t.kind = 'clawback' AND o.kind <> 'grant' THEN 'final'
            WHEN EXISTS (SELECT 1 FROM journal_transaction WHERE reverses_id = o.id) THEN 'reversed'
        END;
    END IF;
    IF o.expires_at IS NOT NULL AND answer.outcome IS NULL THEN
        -- It was pending first: what moved the amounts is its resolution.
        SELECT * INTO o FROM journal_transaction WHERE resolves_id = o.id;
    END IF;
END $$;

CREATE FUNCTION ledger_reverse(p_head jsonb, p_grace int) RETURNS ledger_answer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    t journal_transaction := jsonb_populate_record(NULL::journal_transaction, p_head);
    back record;
    o journal_transaction;
    answer ledger_answer;
BEGIN
    SELECT * INTO back FROM ledger_takes_back(t, o);
    o := back.o;
    answer := back.answer;
    IF answer.outcome IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM ledger_lock(ARRAY(SELECT account_id FROM posting WHERE transaction_id = o.id));
    IF EXISTS (SELECT 1 FROM lot WHERE transaction_id = o.id AND remaining - held < amount) THEN
        RETURN ('spent', NULL, NULL)::ledger_answer;
    ELSIF EXISTS (
        SELECT 1 FROM posting JOIN ledger_account a ON a.id = account_id
        WHERE transaction_id = o.id AND NOT a.holds_lots AND a.floor IS NOT NULL
            AND amount > 0 AND a.posted - a.pending_out < amount
    ) THEN
        RETURN ('short', NULL, NULL)::ledger_answer;
    END IF;
    t.amount := o.amount;
    t.digest := ledger_begin(t);
    IF t.digest IS NULL THEN
        RETURN ledger_seen(t);
    END IF;
    -- What it gave is taken whole; what it used goes back to the same lots, or with a new day where theirs has passed.
    INSERT INTO lot_allocation (transaction_id, lot_id, consumed, held)
    SELECT t.id, id, amount, 0 FROM lot WHERE transaction_id = o.id
    UNION ALL
    SELECT t.id, lot_id, -consumed, 0 FROM lot_allocation JOIN lot ON lot.id = lot_id
    WHERE lot_allocation.transaction_id = o.id AND consumed > 0 AND expires_on >= t.effective_on;
    UPDATE lot SET remaining = remaining - consumed, is_open = remaining - consumed > 0
    FROM lot_allocation back WHERE back.transaction_id = t.id AND lot.id = back.lot_id;
    INSERT INTO lot (account_id, transaction_id, parent_id, amount, remaining, held, is_open, earned_by, programme, expires_on)
    SELECT account_id, t.id, lot.id, consumed, consumed, 0, true, earned_by, programme, t.effective_on + p_grace
    FROM lot_allocation JOIN lot ON lot.id = lot_id
    WHERE lot_allocation.transaction_id = o.id AND consumed > 0 AND expires_on < t.effective_on ORDER BY lot.id;
    PERFORM ledger_append(
        t.id, t.digest, array_agg(account_id), array_agg(-amount),
        array_agg(0::bigint), array_agg(0::bigint)
    ) FROM posting WHERE transaction_id = o.id;
    RETURN ('new', t.id, t.amount)::ledger_answer;
END $$;

CREATE FUNCTION ledger_clawback(p_head jsonb) RETURNS ledger_answer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    t journal_transaction := jsonb_populate_record(NULL::journal_transaction, p_head);
    back record;
    o journal_transaction;
    answer ledger_answer;
    holder ledger_account;
    debt_id bigint;
    gone bigint;
    repaid bigint;
    want bigint;
    got bigint;
    lot_ids bigint[];
    takes bigint[];
BEGIN
    SELECT * INTO back FROM ledger_takes_back(t, o);
    o := back.o;
    answer := back.answer;
    IF answer.outcome IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT a.* INTO holder FROM posting JOIN ledger_account a ON a.id = account_id
    WHERE transaction_id = o.id AND (a.holds_lots OR a.purpose = 'receivable') ORDER BY a.holds_lots DESC LIMIT 1;
    debt_id := ledger_account_id(holder.asset, holder.owner, 'receivable', 0::smallint, NULL, false);
    PERFORM ledger_lock(ARRAY(SELECT account_id FROM posting WHERE transaction_id = o.id) || debt_id);
    -- What has expired is nobody's any more and is not asked for.
    SELECT coalesce(sum(consumed), 0) INTO gone
    FROM lot JOIN lot_allocation ON lot_id = lot.id JOIN journal_transaction x ON x.id = lot_allocation.transaction_id
    WHERE lot.transaction_id = o.id AND x.kind = 'expire';
    SELECT coalesce(sum(amount), 0) INTO repaid FROM posting WHERE transaction_id = o.id AND account_id = debt_id;
    want := o.amount - repaid - gone;
    t.amount := o.amount - gone;
    IF t.amount = 0 THEN
        RETURN ('nothing', NULL, 0)::ledger_answer;
    END IF;
    SELECT array_agg(id), array_agg(take), coalesce(sum(take), 0) INTO lot_ids, takes, got FROM (
        SELECT id, least(remaining - held, want - (sum(remaining - held) OVER place - (remaining - held)))::bigint AS take
        FROM lot WHERE account_id = holder.id AND is_open AND remaining > held AND expires_on >= t.effective_on
        WINDOW place AS (ORDER BY transaction_id <> o.id, expires_on, id)
    ) AS own_first WHERE take > 0;
    t.digest := ledger_begin(t);
    IF t.digest IS NULL THEN
        RETURN ledger_seen(t);
    END IF;
    UPDATE lot SET remaining = remaining - take, is_open = remaining - take > 0
    FROM unnest(lot_ids, takes) AS one (lot_id, take) WHERE id = one.lot_id;
    INSERT INTO lot_allocation (transaction_id, lot_id, consumed, held)
    SELECT t.id, lot_id, take, 0 FROM unnest(lot_ids, takes) AS one (lot_id, take);
    PERFORM ledger_append(
        t.id, t.digest, array_agg(account_id), array_agg(amount), array_agg(0::bigint), array_agg(0::bigint)
    ) FROM (
        SELECT account_id, greatest(0, least(-amount, t.amount - (sum(-amount) OVER (ORDER BY account_id) + amount)))::bigint AS amount
        FROM posting WHERE transaction_id = o.id AND amount < 0
        UNION ALL SELECT holder.id, -got
        UNION ALL SELECT debt_id, got - t.amount
    ) AS leg;
    RETURN ('new', t.id, t.amount)::ledger_answer;
END $$;
